"""Binary trees: many short-lived ones beside one that stays."""

import sys


class Node:
    """An inner node or a leaf; slots only, so one node is one block."""

    __slots__ = ("left", "right")

    def __init__(self, left: "Node | None", right: "Node | None") -> None:
        self.left = left
        self.right = right


def grow(depth: int) -> Node:
    if depth == 0:
        return Node(None, None)
    return Node(grow(depth - 1), grow(depth - 1))


def count(node: Node) -> int:
    if node.left is None or node.right is None:
        return 1
    return 1 + count(node.left) + count(node.right)


def main(size: int) -> int:
    """Grows and counts 4 * size trees of 8,191 nodes each, then counts the one that stayed."""
    stays = grow(16)
    total = sum(count(grow(12)) for _ in range(size * 4))
    return total + count(stays)


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
