"""Numbers as people read them."""


def size(count: float) -> str:
    """Bytes in binary units with three figures: "1.25 GiB", "97.5 MiB", "512 B"."""
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= 1024
        if count < 999.5 or unit == "TiB":
            break
    digits = 2 if count < 9.995 else 1 if count < 99.95 else 0
    return f"{count:.{digits}f} {unit}"


def number(count: int) -> str:
    """A count with thin groups: "1,234,567"."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """A count of things: "1 request", "2,000 requests"."""
    return f"{number(count)} {noun}" + ("" if count == 1 else "s")


def percent(part: float, whole: float) -> str:
    """part of whole: "42 %", "<1 %", or "-" of nothing."""
    if not whole:
        return "-"
    share = 100 * part / whole
    return "<1 %" if 0 < share < 0.5 else f"{share:.0f} %"


def seconds(time: float) -> str:
    """A time with three figures: "1.24 s", "83.0 ms", "2 min 05 s"."""
    if time >= 100:
        return f"{time // 60:.0f} min {time % 60:02.0f} s"
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        value = time * factor
        if value >= 1 or unit == "µs":
            break
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{digits}f} {unit}"
