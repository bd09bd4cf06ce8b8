"""How findings are worded."""


def plural(noun: str, number: int) -> str:
    """A noun as it stands after a number."""
    if number == 1:
        return noun
    return noun + ("es" if noun.endswith("s") else "s")
