// Marking words in the text fills the quote of the form and where it starts; without this script both are typed.
"use strict";
const form = document.querySelector("form[data-marks]");
const hint = document.querySelector("[data-marking]");
if (form && hint) {
  hint.hidden = false;
  const codePoints = (text) => [...text].length; // the server counts characters, not UTF-16 units
  const textOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);
  const take = () => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    const section = textOf(range.startContainer).closest("[data-section]");
    if (!section || textOf(range.endContainer).closest("[data-section]") !== section) return;
    const marked = range.toString();
    const before = document.createRange();
    before.setStart(section, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const blank = marked.length - marked.trimStart().length;
    form.elements.quote.value = marked.trim();
    form.elements.start.value = codePoints(before.toString() + marked.slice(0, blank));
    form.elements.section.value = section.dataset.section;
    form.elements.which.value = "";
    hint.textContent = "Taken over: " + marked.trim();
  };
  document.addEventListener("mouseup", take);
  document.addEventListener("keyup", (event) => { if (event.shiftKey || event.key === "Shift") take(); });
  form.elements.quote.addEventListener("input", () => { form.elements.start.value = ""; form.elements.section.value = ""; });
}
