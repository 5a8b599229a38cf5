"""What must be true of the numbers of one node: wholes are the sums of their parts, parts are parts."""

from told import Numbers

TIMES = "kafka_network_requestmetrics_"
PARTS = ("requestqueue", "local", "remote", "responsequeue", "responsesend")
ROUNDED = 0.001 * (len(PARTS) + 1)  # milliseconds: each number is told in whole microseconds
IDLE = ("kafka_network_processor_idle_percent", "kafka_network_socketserver_networkprocessoravgidle_percent",
        "kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent")


def broken_sums(numbers: Numbers) -> tuple[int, list[str]]:
    passed, found = 0, []
    for labels, total in numbers[TIMES + "totaltimems_sum"].items():
        count = numbers[TIMES + "totaltimems_count"][labels]
        parts = sum(numbers[f"{TIMES}{part}timems_sum"][labels] for part in PARTS)
        if abs(total - parts) <= ROUNDED * count:
            passed += 1
        else:
            found.append(f"{dict(labels)['request']}: {total:g} ms in all, {parts:g} ms in its parts")
    for name in IDLE:
        wrong = [value for value in numbers[name].values() if not 0 <= value <= 1]
        passed += not wrong
        found += [f"{name}: {value:g} is no part of a whole" for value in wrong]
    return passed, found
