"""A real application by its own small steps: docutils parses its own documentation, keeps it parsed
as a site generator does, and turns it into HTML. A step ends where an option is declared, a line
read, a node made a child of another, visited or found in a search, or a transformation begun."""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from optparse import OptionContainer
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "programs"))

PASSES = 3
KEPT = 24  # documents; more than a pass has


def documents(size: int, tick: Callable[[], None]) -> int:
    """Reads and publishes size % of PASSES times all the texts, document by document."""
    from documents import DOCUMENTS, SETTINGS
    from docutils.core import publish_doctree, publish_from_doctree
    from docutils.nodes import Element, Node, NodeVisitor
    from docutils.statemachine import StateMachine
    from docutils.transforms import Transform

    def publish(text: str) -> tuple[object, str]:
        parsed = publish_doctree(text, settings_overrides=SETTINGS)
        html = publish_from_doctree(parsed, writer_name="html5", settings_overrides=SETTINGS)
        return parsed, html

    folder = Path(os.environ["BENCH_DOCUMENTS"])
    texts = [(folder / name).read_text(encoding="utf-8") for name in DOCUMENTS]
    publish(texts[0])  # docutils imports what it needs when it needs it: that is no step
    for owner, name in (
        (StateMachine, "next_line"),
        (Element, "setup_child"),
        (OptionContainer, "add_option"),
        (Transform, "__init__"),
        (NodeVisitor, "dispatch_visit"),
    ):
        setattr(owner, name, _ticking(getattr(owner, name), tick))
    Node.findall = _ticking_each(Node.findall, tick)
    wanted = PASSES * sum(map(len, texts)) * size // 100
    kept: deque[object] = deque(maxlen=KEPT)
    checksum = 0
    while wanted > 0:
        for text in texts:
            parsed, html = publish(text)
            kept.append(parsed)
            checksum += len(html)
            wanted -= len(text)
            if wanted <= 0:
                break
    return checksum


def _ticking(method: Callable[..., object], tick: Callable[[], None]) -> Callable[..., object]:
    def ticking(*arguments: object, **named: object) -> object:
        tick()
        return method(*arguments, **named)

    return ticking


def _ticking_each(
    method: Callable[..., Iterator[object]], tick: Callable[[], None]
) -> Callable[..., Iterator[object]]:
    def ticking(*arguments: object, **named: object) -> Iterator[object]:
        for found in method(*arguments, **named):
            tick()
            yield found

    return ticking
