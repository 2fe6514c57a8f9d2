#!/usr/bin/env python3
"""Looks at report pages with a headless browser: light, dark, phone and print.

    Tools/report/screenshot.py PAGE.html... [--out FOLDER]

Checks each page: no message in the console, no request but for the page itself, no sideways scrolling, no axis label on
another, every link inside leads somewhere, charts are drawn, dark is dark. Writes the pictures where a folder is named.
Exit codes: 0 all well, 1 something found, 3 no browser on this machine.
"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import browser  # noqa: E402

VIEWS = [("light", 1280, 900, "light"), ("dark", 1280, 900, "dark"), ("phone", 390, 844, "light"),
         ("phone-dark", 390, 844, "dark"), ("narrow", 320, 640, "light")]

OVERFLOW = """(() => {
  const wide = document.documentElement.clientWidth
  const found = [...document.querySelectorAll('body *')].filter(e => {
    if (e.closest('.scroll') || e.closest('svg') || e.classList.contains('skip')) return false
    const box = e.getBoundingClientRect()
    return box.width > 1 && (box.right > wide + 1 || box.left < -1)
  }).slice(0, 3).map(e => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`)
  const root = document.documentElement.scrollWidth
  if (root > wide) found.push(`the page is ${root} px wide in ${wide}`)
  return found
})()"""

# Half a pixel of touch is no overlap.
LABELS = """(() => {
  const found = []
  const axes = [...document.querySelectorAll('.ax')].filter(e => e.getClientRects().length)
  for (const axis of axes) {
    const boxes = [...axis.querySelectorAll('span')].filter(e => e.getClientRects().length)
      .map(e => [e.textContent, e.getBoundingClientRect()])
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
      const [a, b] = [boxes[i][1], boxes[j][1]]
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left)
      const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
      if (x > 0.5 && y > 0.5) found.push(`'${boxes[i][0]}' on '${boxes[j][0]}'`)
    }
  }
  return found.slice(0, 5)
})()"""

LINKS = """[...document.querySelectorAll('a[href]')].map(e => e.getAttribute('href'))
  .filter(h => !h.startsWith('#') || !document.getElementById(h.slice(1)))"""

CHARTS = """[...document.querySelectorAll('.plot svg')].filter(e => e.getClientRects().length).slice(0, 4).map(e => {
  const box = e.getBoundingClientRect()
  return [box.x + scrollX, box.y + scrollY, Math.min(box.width, 700), Math.min(box.height, 300)]
})"""


def colourful(colour):
    return max(colour) - min(colour) > 60


def look(page, name, view, out):
    """The complaints about one page in one view."""
    label, width, height, scheme = view
    complaints = []
    page.open(name.resolve().as_uri(), width, height, scheme)
    for text in page.evaluate(OVERFLOW):
        complaints.append(f"wider than the window: {text}")
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
    for text in page.evaluate(OVERFLOW):
        complaints.append(f"wider than the window with all details open: {text}")
    for text in page.evaluate(LABELS):
        complaints.append(f"axis label {text}")
    for link in page.evaluate(LINKS):
        complaints.append(f"link to {link} leads nowhere")
    for number, clip in enumerate(page.evaluate(CHARTS)):
        rows = browser.pixels(page.screenshot(clip))
        inked = sum(colourful(p) for row in rows for p in row)
        if inked < 0.0005 * len(rows) * len(rows[0]):
            complaints.append(f"chart {number + 1} is blank: {inked} coloured pixels")
    corner = browser.pixels(page.screenshot((0, 0, 8, 8)))[0][0]
    if (sum(corner) / 3 < 90) != (scheme == "dark"):
        complaints.append(f"the page is {corner} in the {scheme} scheme")
    for event in page.events:
        method, params = event.get("method", ""), event.get("params", {})
        if method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
            complaints.append(f"console: {str(params)[:200]}")
        if method == "Network.requestWillBeSent" and params["request"]["url"].split("#")[0] != name.resolve().as_uri():
            complaints.append(f"request for {params['request']['url'][:200]}")
    if out:
        page.open(name.resolve().as_uri(), width, height, scheme)
        tall = page.evaluate("document.documentElement.scrollHeight")
        picture = page.screenshot((0, 0, width, min(tall, 12000)))
        (out / f"{name.stem}-{label}.png").write_bytes(picture)
    return [f"{name.name}, {label}: {complaint}" for complaint in complaints]


def main():
    parser = argparse.ArgumentParser(description="Looks at report pages with a headless browser.")
    parser.add_argument("pages", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, help="folder for the pictures")
    options = parser.parse_args()
    path = browser.find()
    if not path:
        print("no browser: apt-get install --no-install-recommends chromium", file=sys.stderr)
        return 3
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    complaints = []
    with browser.Browser(path) as page:
        for name in options.pages:
            for view in VIEWS:
                complaints += look(page, name, view, options.out)
            page.open(name.resolve().as_uri(), 1000, 1400, "dark")
            pdf = page.pdf()
            if len(pdf) < 5000:
                complaints.append(f"{name.name}: prints to {len(pdf)} bytes")
            if options.out:
                (options.out / f"{name.stem}.pdf").write_bytes(pdf)
    for complaint in complaints:
        print(complaint)
    print(f"{len(options.pages)} pages in {len(VIEWS)} views: {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
