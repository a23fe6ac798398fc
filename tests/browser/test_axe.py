"""Every page of ours passes axe-core's rules for WCAG 2.2 A and AA, wide and narrow, in light and in dark."""

import pytest

PATHS = (
    "/",
    "/-/outcome/mrss",
    "/-/outcome/overall-survival",
    "/-/outcome/mrss?months=12&method=DL&test=knha&r=0.7",
    "/-/study/alip-2024",
    "/-/study/scot-2018",
    "/-/study/pmid-900001",
    "/-/estimate/hsct-arms.treatment-related-mortality.12-months.plo.with-secondary",
    "/-/estimate/msc-after.mrss.12-months.mc.main",
    "/-/flow",
    "/-/changes",
    "/-/dictionary",
    "/-/outcome/treatment-related-mortality?set=with-secondary&subgroup=intervention",
    "/-/study/nobody",
    "/-/outcome/mrss?r=7",
)


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(opened, violations, windows, path):
    page = opened(path)
    page.evaluate("document.querySelector('main details')?.setAttribute('open', '')")
    assert {window: found for window in windows(page) if (found := violations(page, window[1]))} == {}


def test_axe_finds_what_is_wrong(opened, violations, windows):
    """What finds nothing anywhere would find nothing here either."""
    page = opened("/-/flow")
    page.evaluate("document.querySelector('main').innerHTML = '<h1>x</h1><input><p>grey</p>'")
    page.evaluate("document.querySelector('main p').style.color = 'light-dark(#ccc, #333)'")
    page.evaluate("document.documentElement.style.colorScheme = 'light dark'")
    found = {(width, scheme): [name for name, _ in violations(page, scheme)] for width, scheme in windows(page)}
    light, dark = ["color-contrast", "label"], ["color-contrast"]
    assert found == {(1280, "light"): light, (1280, "dark"): dark, (360, "light"): light, (360, "dark"): dark}
