"""The site in a real browser: no sideways scroll, nothing from elsewhere, no script needed, the keyboard is enough."""

import itertools

import pytest

PATHS = (
    "/",
    "/-/outcome/mrss",
    "/-/outcome/overall-survival",
    "/-/outcome/mrss?months=12&method=DL&test=knha&r=0.7",
    "/-/outcome/treatment-related-mortality?set=with-secondary&subgroup=intervention",
    "/-/study/alip-2024",
    "/-/study/scot-2018",
    "/-/study/pmid-900001",
    "/-/estimate/hsct-arms.treatment-related-mortality.12-months.plo.with-secondary",
    "/-/flow",
    "/-/changes",
    "/-/dictionary",
    "/-/study/nobody",
)
FIGURE_OF_FOREST = ".plot.forest a[href*='/-/figure/']"

#: Contrast by WCAG 2.2 (1.4.3): 4.5, or 3 for large text. Every visible text against the first opaque colour behind it.
CONTRAST = """() => {
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
  const parse = words => (words.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number)
  const behind = node => {
    for (let n = node; n; n = n.parentElement) {
      const colour = parse(getComputedStyle(n).backgroundColor)
      if (colour.length < 4 || colour[3] === 1) return colour
    }
    return [255, 255, 255]
  }
  const poor = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || node.closest('svg, option') || !node.checkVisibility()) continue
    const style = getComputedStyle(node), size = parseFloat(style.fontSize)
    const [a, b] = [light(parse(style.color)), light(behind(node))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5
    if (ratio < least) poor.push([walker.currentNode.data.trim().slice(0, 40), ratio.toFixed(2)])
  }
  return poor
}"""

#: Form fields without a label, images and links without a name, tables without a caption, ids that stand twice.
UNNAMED = """() => {
  const named = e => e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim()
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id)
  return [
    ...[...document.querySelectorAll('input, select')].filter(e => !e.labels.length && !e.ariaLabel),
    ...[...document.querySelectorAll('a, button, summary, svg[role]')].filter(e => !named(e)),
    ...[...document.querySelectorAll('table')].filter(e => !e.caption),
    ...[...document.querySelectorAll('th')].filter(e => !e.scope),
  ].map(e => e.outerHTML.slice(0, 100)).concat(ids.filter((id, i) => ids.indexOf(id) !== i))
}"""


@pytest.mark.parametrize("path", PATHS)
def test_page_fits_its_windows_and_can_be_read(opened, windows, keep, path):
    page = opened(path)
    for width, scheme in windows(page):
        keep(page, f"{path} {width} {scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRAST) == [], scheme


@pytest.mark.parametrize("path", PATHS)
def test_page_asks_nothing_of_other_servers(opened, address, path):
    page = opened(path)
    asked = [url for url in page.asked if not url.startswith("data:")]
    assert len(asked) >= 2
    assert [url for url in asked if not url.startswith(f"{address}/")] == []


@pytest.mark.parametrize("path", PATHS)
def test_page_has_its_landmarks_headings_and_names(opened, path):
    page = opened(path)
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1
    assert page.evaluate(UNNAMED) == []


def test_model_is_changed_without_scripts(opened):
    page = opened("/-/outcome/mrss", scripts=False)
    page.locator("details.model > summary").click()
    page.get_by_label("Correlation r").fill("0.8")
    page.locator("select[name=months]").select_option("12")
    page.locator("select[name=method]").select_option("DL")
    page.get_by_role("button", name="Weigh again").click()
    assert "r=0.8" in page.url
    assert "Your own model" in page.content()
    assert page.get_by_text("r = 0.8 assumed").count() >= 1


@pytest.mark.parametrize("path", PATHS)
def test_page_is_the_same_without_scripts(opened, path):
    assert opened(path, scripts=False).locator("main").inner_text() == opened(path).locator("main").inner_text()


def test_first_tab_skips_to_the_content(opened):
    page = opened("/-/outcome/mrss")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", [1280, 360])
def test_keyboard_reaches_every_row_of_the_forest_plot(opened, width):
    page = opened("/-/outcome/mrss?months=12", width)
    rows = page.locator(FIGURE_OF_FOREST).filter(visible=True)
    wanted = {rows.nth(i).get_attribute("href") for i in range(rows.count())}
    assert len(wanted) >= 2
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = "document.activeElement.closest('.plot.forest') && document.activeElement.getAttribute('href')"
        reached.add(page.evaluate(focused))
    assert wanted <= reached


def test_row_of_the_forest_plot_leads_to_the_highlighted_number(opened, keep):
    page = opened("/-/outcome/mrss?months=12")
    page.locator(FIGURE_OF_FOREST).filter(visible=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/figure/*")
    keep(page, "figure 1280 light")
    assert page.locator("mark.here").inner_text() == "13.95 ± 8.49"
    assert page.evaluate(UNNAMED) == []
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize(("width", "shown"), [(1280, "wide"), (360, "narrow")])
def test_plots_are_drawn_for_the_width_of_the_window(opened, width, shown):
    page = opened("/-/outcome/mrss", width)
    plots = page.locator(".drawing svg").filter(visible=True)
    assert plots.count() >= 2
    for i in range(plots.count()):
        assert plots.nth(i).locator("xpath=..").get_attribute("class") == shown
        box = plots.nth(i).bounding_box()
        natural = float(plots.nth(i).get_attribute("viewBox").split()[2])
        assert box["width"] >= 0.97 * natural, "text would shrink"


def test_hostile_text_runs_nothing(opened):
    page = opened("/-/study/pmid-900001")
    alerts = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    page.reload()
    assert alerts == []
    assert page.locator("main script, main img").count() == 0


@pytest.mark.parametrize("path", ["/-/outcome/mrss", "/-/estimate/msc-after.mrss.12-months.mc.main"])
def test_printed_page_leaves_the_controls_out(opened, path):
    page = opened(path, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("header, footer, details.model").filter(visible=True).count() == 0
    assert page.locator(".plot.forest").filter(visible=True).count() >= 1
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert "seen=" in page.locator(".cite").inner_text()
