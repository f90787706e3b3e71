"""Pictures of screens: made small, without what differs from run to run, compared with those that a person approved.

A picture is reduced to 360 x 225 and cut into 360 blocks of 15 x 15. A block differs where its mean colour does by more
than `BLOCK_TOLERANCE` of 255: letters of another font change it by less; a box, a picture or a panel that is missing,
moved or of another colour changes several by more. `MOST_BLOCKS` may differ, such as those of a line that wraps
elsewhere, none by more than `GREATEST_TOLERANCE`, and all of them on average by no more than `MEAN_TOLERANCE`.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page

SIZE = (360, 225)
BLOCK = 15
BLOCK_TOLERANCE = 5
MOST_BLOCKS = 7
GREATEST_TOLERANCE = 18
MEAN_TOLERANCE = 0.7
COLOURS = 48

SETTLE = r"""
async () => {
  const varying = [
    [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b/g, "12:00:00"],
    [/\b\d\d:\d\d:\d\d\b/g, "12:00:00"],
    [/\b[\d.]+ (ms|s)\b/g, "1.0 s"],
    [/(\/[\w.-]+)+\/work\b/g, "/data/me/work"],
    [/127\.0\.0\.1:\d+/g, "127.0.0.1:8000"],
    [/\b[0-9a-f]{12,}\b/g, (all) => "0".repeat(all.length)],
    [/•{4,}.{4}$/g, "••••••••••••0000"],
    [/^(There is no Python .*|ready|not built.*)$/g, "ready"],
    [/^3\.\d+\.\d+$/g, "3.11.0"],
  ];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    let value = text.nodeValue;
    for (const [pattern, fixed] of varying) value = value.replace(pattern, fixed);
    if (value !== text.nodeValue) text.nodeValue = value;
  }
  document.activeElement?.blur();
  await document.fonts.ready;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}
"""


def take(page: Page) -> Image.Image:
    """Take a picture of a page at its full size, with times, durations, paths and digests made the same."""
    page.mouse.move(0, 0)
    page.evaluate(SETTLE)
    return Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")


def reduced(picture: Image.Image) -> Image.Image:
    """Make it as small as it is kept, with a palette."""
    return picture.resize(SIZE, Image.Resampling.BOX).quantize(COLOURS, dither=Image.Dither.NONE)


def keep(picture: Image.Image, path: Path) -> None:
    """Write the small form of a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    reduced(picture).save(path, optimize=True)


def difference(seen: Image.Image, path: Path) -> str | None:
    """Tell how what is seen differs from the picture that is kept; None where it is the same within the tolerance."""
    with Image.open(path) as kept:
        apart = ImageChops.difference(_means(reduced(seen).convert("RGB")), _means(kept.convert("RGB")))
    values = apart.tobytes()
    greatest = [max(values[at : at + 3]) for at in range(0, len(values), 3)]
    count = sum(value > BLOCK_TOLERANCE for value in greatest)
    mean = sum(ImageStat.Stat(apart).mean) / 3
    if count <= MOST_BLOCKS and max(greatest) <= GREATEST_TOLERANCE and mean <= MEAN_TOLERANCE:
        return None
    worst = max(range(len(greatest)), key=greatest.__getitem__)
    row, column = divmod(worst, SIZE[0] // BLOCK)
    return (
        f"{count} blocks differ (at most {MOST_BLOCKS} may), all by {mean:.2f} on average (at most {MEAN_TOLERANCE});"
        f" most, by {greatest[worst]} (at most {GREATEST_TOLERANCE}), block {column} from the left, {row} from the top"
    )


def _means(picture: Image.Image) -> Image.Image:
    """Mean colour of each block as one pixel."""
    return picture.resize((SIZE[0] // BLOCK, SIZE[1] // BLOCK), Image.Resampling.BOX)
