"""Which structures of a hot API can be visited in place: those that hold an array somewhere."""


def is_visited_in_place(each):
    return each.is_array or (each.structure is not None and not each.nullable and has_view(each.structure))


def has_view(structure):
    return any(is_visited_in_place(each) for each in structure.fields)
