"""`make up` of dev from nothing, beside a shell script that does the same."""

from __future__ import annotations

from bench import machine
from bench.by_hand import Recipe, removed_at_the_end
from bench.checkout import scratch
from bench.comparison import Comparison, Goal, Part, Series
from bench.progress import say

NAME = "up"
_GOAL = Goal(2.5)


def measure(*, runs: int, postgres_bin: str) -> Part:
    """Up and down in turns, on the same ports."""
    ours, by_hand = [], []
    with scratch(postgres_bin=postgres_bin) as checkout:
        steps = checkout.preview_steps()
        checkout.make("down")  # the preview has made the stack: "nothing" is without it
        for number in range(1, runs + 1):
            ours.append(checkout.make("up").seconds)
            if number == 1:
                recipe = Recipe.of(checkout, steps)
                engine = machine.engine(checkout, checkout.outputs())
            checkout.make("down")
            with removed_at_the_end(checkout.folder.parent / "by-hand") as folder:
                by_hand.append(recipe.run(folder))
            say(f"up, run {number} of {runs}: make up {ours[-1]:.2f} s, shell {by_hand[-1]:.2f} s")
    comparison = Comparison(
        Series("make up", tuple(ours)), (Series("a shell script", tuple(by_hand)),), "s", _GOAL
    )
    return Part(NAME, engine, (comparison,))
