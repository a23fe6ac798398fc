// One key a decision, off while somebody writes or holds a modifier. Everything works without this file.
const form = document.querySelector(".judge form")
if (form) {
  form.classList.add("keyed")
  document.querySelector(".keys").hidden = false
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    if (event.target.closest("input, textarea, select")) return
    if (event.key === "n") {
      event.preventDefault()
      document.getElementById("note").focus()
    }
    const button = [...form.querySelectorAll("[data-key]")].find(one => one.dataset.key === event.key)
    if (button) form.requestSubmit(button)
  })
}
