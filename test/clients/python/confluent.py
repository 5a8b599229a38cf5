"""Does what lines of standard input ask for, with librdkafka as Confluent's client for Python ships it; README.md has the
lines."""

import base64
import json
import sys

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

PATIENCE = 30  # seconds


def from_text(text):
    return None if text is None else base64.b64decode(text)


def to_text(part):
    return None if part is None else base64.b64encode(part).decode()


def produce(request):
    offsets, errors = {}, []
    producer = Producer({"bootstrap.servers": request["bootstrap"], "acks": request["acks"],
                         "enable.idempotence": request["idempotent"], "compression.codec": request["codec"],
                         "linger.ms": 5, "message.timeout.ms": PATIENCE * 1000})

    def delivered(index):
        def call(error, message):
            if error:
                errors.append(str(error))
            else:
                offsets[index] = message.offset()
        return call

    for index, each in enumerate(request["records"]):
        headers = [(header["n"], from_text(header["v"])) for header in each["h"]]
        producer.produce(request["topic"], partition=each["p"], key=from_text(each["k"]), value=from_text(each["v"]),
                         headers=headers, timestamp=each["t"], on_delivery=delivered(index))
    if producer.flush(PATIENCE) or errors:
        return {"error": "; ".join(errors) or "not delivered"}
    return {"offsets": [offsets[index] if offsets[index] is not None else -1 for index in sorted(offsets)]}


def consume(request):
    consumer = Consumer({"bootstrap.servers": request["bootstrap"], "group.id": "none", "enable.auto.commit": False,
                         "auto.offset.reset": "error",
                         "isolation.level": "read_committed" if request["committed"] else "read_uncommitted"})
    consumer.assign([TopicPartition(request["topic"], request["partition"], 0)])
    records = []
    while len(records) < request["count"]:
        messages = consumer.consume(request["count"], PATIENCE)
        if not messages:
            return {"error": "the records did not come"}
        for message in messages:
            if message.error():
                return {"error": str(message.error())}
            records.append({"p": message.partition(), "o": message.offset(), "k": to_text(message.key()),
                            "v": to_text(message.value()), "t": message.timestamp()[1],
                            "h": [{"n": name, "v": to_text(value)} for name, value in message.headers() or []]})
    consumer.close()
    return {"records": records}


def admin(request):
    import confluent_admin
    return {"told": confluent_admin.story(request["bootstrap"])}


def main():
    does = {"produce": produce, "consume": consume, "admin": admin}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = does[request["do"]](request)
        except KafkaException as failed:
            reply = {"error": str(failed)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
