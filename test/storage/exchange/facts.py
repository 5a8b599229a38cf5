"""Reads what a log told: the lines that facts.cc and java/Tell.java write."""


def end_of(lines):
    return int(lines[0].split(" ")[2])


def records(lines):
    return [line for line in lines if line.startswith("record ")]


def batches(lines):
    """Each batch's words and its records."""
    batch = None
    for line in lines:
        if line.startswith("batch "):
            if batch:
                yield batch
            batch = (line.split(" "), [])
        elif line.startswith("record "):
            batch[1].append(line)
    if batch:
        yield batch


def producer_of(words):
    return int(words[words.index("producer") + 1])


def last_batch_of(lines, producer):
    """Its first offset."""
    for line in lines:
        words = line.split(" ")
        if words[:2] == ["producer", str(producer)]:
            return int(words[words.index("batch") + 1])
    return None


def uncommitted(lines):
    """What a consumer prints that reads to the end of the log."""
    found = [record for words, inside in batches(lines) if "control" not in words for record in inside]
    return [*found, f"end {end_of(lines)}"]


def committed(lines):
    """What one prints that reads committed records: worked out from the batches alone."""
    open_ones, left_out = {}, set()
    for number, (words, inside) in enumerate(batches(lines)):
        if "control" in words:
            mine = open_ones.pop(producer_of(words), [])
            if " abort " in inside[0]:
                left_out.update(mine)
        elif "transactional" in words:
            open_ones.setdefault(producer_of(words), []).append(number)
    first_open = min((numbers[0] for numbers in open_ones.values()), default=None)
    found, end = [], end_of(lines)
    for number, (words, inside) in enumerate(batches(lines)):
        if number == first_open:
            end = int(inside[0].split(" ")[1])
            break
        if number not in left_out and "control" not in words:
            found += inside
    return [*found, f"end {end}"]


def by_brute_force(lines, time):
    """The first record that is not earlier, in the words of a "time" line."""
    for words, inside in batches(lines):
        for record in inside:
            _, offset, stamp = record.split(" ")[:3]
            if int(stamp) >= time:
                return f"time {time} {stamp} {offset} {words[words.index('epoch') + 1]}"
    return f"time {time} none"


def known_difference(theirs, ours, lines):
    """The reference finds nothing by time behind a segment that compaction has emptied; we find what is there."""
    return (theirs.startswith("time ") and theirs.endswith(" none") and
            any(line.startswith("segment ") and line.endswith(" 0") for line in lines) and
            ours == by_brute_force(lines, int(theirs.split(" ")[1])))
