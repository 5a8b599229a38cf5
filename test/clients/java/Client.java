import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Does what lines of standard input ask for, with the Java client of the reference; README.md has the lines. */
public final class Client {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_MS = 30_000;

  private Client() {}

  private static byte[] bytes(JsonNode part) throws IOException {
    return part.isNull() ? null : part.binaryValue();
  }

  private static ObjectNode produce(JsonNode request) throws Exception {
    final Map<String, Object> keys = Map.of("bootstrap.servers", request.get("bootstrap").asText(),
        "acks", request.get("acks").asText(), "enable.idempotence", request.get("idempotent").asBoolean(),
        "compression.type", request.get("codec").asText(), "linger.ms", 5, "max.block.ms", PATIENCE_MS);
    final ObjectNode reply = JSON.createObjectNode();
    final ArrayNode offsets = reply.putArray("offsets");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(keys, new ByteArraySerializer(), new ByteArraySerializer())) {
      final List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (JsonNode each : request.get("records")) {
        final List<Header> headers = new ArrayList<>();
        for (JsonNode header : each.get("h")) {
          headers.add(new RecordHeader(header.get("n").asText(), bytes(header.get("v"))));
        }
        sent.add(producer.send(new ProducerRecord<>(request.get("topic").asText(), each.get("p").asInt(),
            each.get("t").asLong(), bytes(each.get("k")), bytes(each.get("v")), headers)));
      }
      for (Future<RecordMetadata> each : sent) {
        offsets.add(each.get().offset());
      }
    }
    return reply;
  }

  private static ObjectNode consume(JsonNode request) {
    final Map<String, Object> keys = Map.of("bootstrap.servers", request.get("bootstrap").asText(),
        "isolation.level", request.get("committed").asBoolean() ? "read_committed" : "read_uncommitted");
    final ObjectNode reply = JSON.createObjectNode();
    final ArrayNode records = reply.putArray("records");
    final int count = request.get("count").asInt();
    final long end = System.nanoTime() + PATIENCE_MS * 1_000_000;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(keys, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      final TopicPartition partition = new TopicPartition(request.get("topic").asText(), request.get("partition").asInt());
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (records.size() < count && System.nanoTime() < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          final ObjectNode told = records.addObject();
          told.put("p", record.partition()).put("o", record.offset()).put("t", record.timestamp());
          told.put("k", record.key()).put("v", record.value());
          final ArrayNode headers = told.putArray("h");
          for (Header header : record.headers()) {
            headers.addObject().put("n", header.key()).put("v", header.value());
          }
        }
      }
    }
    if (records.size() < count) {
      return JSON.createObjectNode().put("error", "the records did not come");
    }
    return reply;
  }

  private static ObjectNode create(JsonNode request) throws Exception {
    final List<NewTopic> topics = new ArrayList<>();
    request.get("topics").forEach(each -> topics.add(new NewTopic(each.asText(), 2, (short) 1)));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", request.get("bootstrap").asText()))) {
      admin.createTopics(topics).all().get();
    }
    return JSON.createObjectNode();
  }

  private static ObjectNode answer(JsonNode request) {
    try {
      return switch (request.get("do").asText()) {
        case "create" -> create(request);
        case "produce" -> produce(request);
        case "consume" -> consume(request);
        default -> JSON.createObjectNode().put("error", "unknown: " + request.get("do").asText());
      };
    } catch (ExecutionException failed) {
      return JSON.createObjectNode().put("error", String.valueOf(failed.getCause()));
    } catch (Exception failed) {
      return JSON.createObjectNode().put("error", String.valueOf(failed));
    }
  }

  public static void main(String[] words) throws IOException {
    final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(JSON.writeValueAsString(answer(JSON.readTree(line))));
    }
  }
}
