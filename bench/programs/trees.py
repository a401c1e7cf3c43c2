"""Binary trees: many short-lived ones beside one that stays."""

import sys


class Node:
    """An inner node or a leaf; slots only, so one node is one block."""

    __slots__ = ("left", "right")

    def __init__(self, left: "Node | None", right: "Node | None") -> None:
        self.left = left
        self.right = right


def grow(depth: int) -> Node:
    """A full tree, from the leaves up."""
    level = [Node(None, None) for _ in range(1 << depth)]
    while len(level) > 1:
        level = [Node(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def depth(node: Node, path: int) -> int:
    """Nodes on the way down that the bits of path choose."""
    found = 1
    below = node.right if path & 1 else node.left
    while below is not None:
        found += 1
        path >>= 1
        below = below.right if path & 1 else below.left
    return found


def main(size: int) -> int:
    """Grows 6 * size trees of 8,191 nodes each and looks into each; one of 131,071 stays."""
    stays = grow(16)
    total = sum(depth(grow(12), turn) for turn in range(size * 6))
    return total + depth(stays, size)


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
