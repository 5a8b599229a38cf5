"""Facts as nested dictionaries, and what differs between two of them."""

ABSENT = "nothing"


def differences(ours, theirs, path=""):
    """(path, ours, theirs) of each fact that is not the same on both sides."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in [*ours, *(name for name in theirs if name not in ours)]:
            inner = f"{path}.{name}" if path else name
            yield from differences(ours.get(name, ABSENT), theirs.get(name, ABSENT), inner)
    elif type(ours) is not type(theirs) or ours != theirs:
        yield path, ours, theirs


def count(facts):
    return sum(map(count, facts.values())) if isinstance(facts, dict) else 1


def told(difference):
    path, ours, theirs = difference

    def short(side):
        return f"{{{', '.join(side)}}}" if isinstance(side, dict) else str(side)

    return f"{path}: here {short(ours)}, in the reference {short(theirs)}"


def zero_of(kind, is_array):
    """What a field is where nothing says its default."""
    if is_array or kind in ("bytes", "records"):
        return "empty"
    if kind == "string":
        return "''"
    if kind == "bool":
        return "false"
    if kind[0].isupper():
        return "of its fields"
    return "zero" if kind in ("uuid", "float64") else "0"


def default_of(text, kind, is_array):
    """One spelling for each value: 0x7fffffff is 2147483647, and what is the zero of the type is its zero."""
    if text is None:
        return zero_of(kind, is_array)
    if text == "null":
        return "null"
    if kind == "string":
        return f"'{text}'"
    return text.lower() if kind == "bool" else str(int(text, 0))
