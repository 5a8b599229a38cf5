"""The admin client of Confluent's Python client: one use after the other, and what came of each."""

import enum

from confluent_kafka import ElectionType, KafkaException, Producer, TopicCollection, TopicPartition, Uuid
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient,
                                   AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec,
                                   ResourcePatternType, ResourceType, ScramCredentialInfo, ScramMechanism,
                                   UserScramCredentialDeletion, UserScramCredentialUpsertion)

TRIES = 500  # of a question, until it shows what it should: a broker learns late what the controller answered
TOPIC, OTHER, NONE = "confluent", "confluent-more", "confluent-none"


def plain(part) -> str:
    """Objects of the client as their parts, without what belongs to one moment."""
    if isinstance(part, dict):
        return "{" + ", ".join(f"{plain(key)}: {plain(part[key])}" for key in sorted(part, key=str)) + "}"
    if isinstance(part, (list, tuple, set)):
        return "[" + ", ".join(plain(each) for each in part) + "]"
    if isinstance(part, enum.Enum):
        return part.name
    if isinstance(part, Uuid):
        return "some id"
    if hasattr(part, "__dict__") and part.__dict__ and not isinstance(part, Exception):
        return type(part).__name__ + plain({name: value for name, value in vars(part).items() if value is not part})
    return str(part)


def outcomes(futures) -> dict[str, str]:
    told = {}
    for key, future in futures.items():
        try:
            told[str(key)] = plain(future.result())
        except KafkaException as failed:
            told[str(key)] = f"failed: {failed}"
    return told


class Story:
    def __init__(self, bootstrap: str):
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap})
        self.told: list[tuple[str, str]] = []

    def step(self, heading: str, work, *shown: str) -> None:
        """Asked again until all of `shown` is in what came."""
        for _ in range(TRIES):
            try:
                text = plain(work())
            except (KafkaException, ValueError) as failed:
                text = f"failed: {failed}"
            if all(part in text for part in shown):
                break
        self.told.append((heading, text))

    def configuration(self, resource: ConfigResource) -> dict[str, str]:
        entries = self.admin.describe_configs([resource])[resource].result()
        return {name: f"{entry.value} {entry.source} {entry.is_read_only} {entry.is_sensitive} {plain(entry.synonyms)}"
                for name, entry in entries.items() if not entry.is_default}

    def topics(self) -> None:
        admin = self.admin
        self.step("create", lambda: outcomes(admin.create_topics([
            NewTopic(TOPIC, 3, 1, config={"retention.ms": "7200000"}), NewTopic(OTHER), NewTopic("bad/name", 1, 1),
            NewTopic(f"{NONE}-2", 1, 3), NewTopic(f"{NONE}-3", 1, 1, config={"none.such": "1"})])))
        self.step("create again", lambda: outcomes(admin.create_topics([NewTopic(TOPIC, 3, 1)])))
        self.step("create, only checked", lambda: outcomes(
            admin.create_topics([NewTopic(NONE, 2, 1)], validate_only=True)))
        self.step("describe", lambda: outcomes(admin.describe_topics(
            TopicCollection([TOPIC, OTHER]), include_authorized_operations=True)), "id: 2", "leader: Node", f"name: {OTHER}")
        self.step("describe nothing", lambda: outcomes(admin.describe_topics(TopicCollection([NONE]))))
        self.step("grow", lambda: outcomes(admin.create_partitions([NewPartitions(TOPIC, 4), NewPartitions(NONE, 4)])))
        self.step("shrink", lambda: outcomes(admin.create_partitions([NewPartitions(TOPIC, 1)])))
        self.step("list", lambda: {name: len(topic.partitions) for name, topic in admin.list_topics().topics.items()
                                   if name.startswith(TOPIC)}, f"{TOPIC}: 4")

    def configurations(self) -> None:
        admin = self.admin
        topic, broker = ConfigResource(ResourceType.TOPIC, TOPIC), ConfigResource(ResourceType.BROKER, "1")

        def altered(kind, name, *entries):
            return outcomes(admin.incremental_alter_configs([ConfigResource(kind, name, incremental_configs=list(entries))]))

        def entry(name, value, operation=AlterConfigOpType.SET):
            return ConfigEntry(name, value, incremental_operation=operation)

        self.step("alter", lambda: altered(ResourceType.TOPIC, TOPIC, entry("max.message.bytes", "2000000"),
                                           entry("cleanup.policy", "compact", AlterConfigOpType.APPEND)))
        self.step("alter wrongly", lambda: altered(ResourceType.TOPIC, TOPIC, entry("retention.ms", "never")))
        self.step("alter nothing", lambda: altered(ResourceType.TOPIC, NONE, entry("retention.ms", "1")))
        self.step("configuration", lambda: self.configuration(topic), "2000000", "delete,compact")
        self.step("alter as a whole", lambda: outcomes(admin.alter_configs(
            [ConfigResource(ResourceType.TOPIC, TOPIC, set_config={"retention.bytes": "777777"})])))
        self.step("configuration then", lambda: self.configuration(topic), "777777")
        self.step("alter a broker", lambda: altered(ResourceType.BROKER, "1", entry("log.cleaner.threads", "2")))
        self.step("a broker's", lambda: {name: text for name, text in self.configuration(broker).items()
                                         if name.startswith("log.cleaner")}, "log.cleaner.threads: 2")

    def records(self) -> None:
        admin = self.admin
        producer = Producer({"bootstrap.servers": self.bootstrap})
        for _ in range(10):
            producer.produce(TOPIC, b"value", partition=1)
        self.step("produce", lambda: producer.flush(30))
        for name, spec in (("first", OffsetSpec.earliest()), ("last", OffsetSpec.latest()),
                           ("since ever", OffsetSpec.for_timestamp(1)), ("after all", OffsetSpec.for_timestamp(1 << 50))):
            self.step(f"{name} offsets", lambda spec=spec: {part: text.split("timestamp")[0] for part, text in outcomes(
                admin.list_offsets({TopicPartition(TOPIC, index): spec for index in range(2)})).items()})
        self.step("delete records", lambda: outcomes(admin.delete_records(
            [TopicPartition(TOPIC, 1, 4), TopicPartition(TOPIC, 0, 4), TopicPartition(TOPIC, 2, -1)])))
        self.step("elect", lambda: admin.elect_leaders(ElectionType.PREFERRED, [TopicPartition(TOPIC, 0)]).result())
        self.step("elect all", lambda: len(admin.elect_leaders(ElectionType.UNCLEAN).result()))

    def people(self) -> None:
        admin = self.admin
        self.step("credentials", lambda: outcomes(admin.alter_user_scram_credentials([
            UserScramCredentialUpsertion(TOPIC, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 6000), b"secret", b"salt"),
            UserScramCredentialDeletion(NONE, ScramMechanism.SCRAM_SHA_512)])))
        self.step("credentials told", lambda: outcomes(admin.describe_user_scram_credentials([TOPIC, NONE])), "6000")
        rule = (ResourceType.TOPIC, TOPIC, ResourcePatternType.LITERAL, "User:a", "*", AclOperation.READ,
                AclPermissionType.ALLOW)
        anything = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY,
                                    AclPermissionType.ANY)
        self.step("rules made", lambda: outcomes(admin.create_acls([AclBinding(*rule)])))
        self.step("rules", lambda: admin.describe_acls(anything).result())
        self.step("rules gone", lambda: outcomes(admin.delete_acls([anything])))
        self.step("cluster", lambda: admin.describe_cluster(include_authorized_operations=True).result())

    def end(self) -> None:
        self.step("delete", lambda: outcomes(self.admin.delete_topics([TOPIC, OTHER, NONE])))
        self.step("list then", lambda: [name for name in self.admin.list_topics().topics if name.startswith(TOPIC)], "[]")


def story(bootstrap: str) -> list[tuple[str, str]]:
    told = Story(bootstrap)
    for part in (told.topics, told.configurations, told.records, told.people, told.end):
        part()
    return told.told
