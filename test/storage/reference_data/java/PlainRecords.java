package referencedata;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Records without transactions. Their times are fixed where clients choose them. */
final class PlainRecords {
  static final long TIME = 1_700_000_000_000L;

  private final String bootstrap;

  PlainRecords(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  void write() throws Exception {
    for (String codec : Topics.CODECS) {
      mixed("codec-" + codec, codec);
    }
    mixed("appended-none", "none");
    mixed("appended-lz4", "lz4");
    mixed("recompressed", "gzip");
    odd();
    numbers();
    idempotent();
    segments();
    compacted();
    for (int partition = 0; partition < 2; partition++) {
      final int at = partition;
      batches("none", producer -> {
        for (int i = 0; i < 20; i++) {
          producer.send(new ProducerRecord<>("shared", at, TIME + i, bytes("k" + i), bytes("v" + i)));
        }
      });
    }
  }

  interface Sending {
    void to(KafkaProducer<byte[], byte[]> producer) throws Exception;
  }

  /** One batch for each flush within `sending`, and one for what is left. */
  private void batches(String codec, Sending sending) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(configs(codec, false))) {
      sending.to(producer);
    }
  }

  private Map<String, Object> configs(String codec, boolean idempotent) {
    final Map<String, Object> configs = new HashMap<>();
    configs.put("bootstrap.servers", bootstrap);
    configs.put("compression.type", codec);
    configs.put("enable.idempotence", idempotent);
    configs.put("linger.ms", 60_000);
    configs.put("batch.size", 1 << 20);
    configs.put("max.request.size", 1 << 20);
    configs.put("key.serializer", ByteArraySerializer.class);
    configs.put("value.serializer", ByteArraySerializer.class);
    return configs;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Batches of 1, 2, 5, 40 and 400 records, of text that a codec can do something with. */
  private void mixed(String topic, String codec) throws Exception {
    final Random random = new Random(7);
    batches(codec, producer -> {
      int number = 0;
      for (int count : new int[] {1, 2, 5, 40, 400, 3}) {
        for (int i = 0; i < count; i++, number++) {
          final byte[] key = number % 3 == 0 ? null : bytes("key-" + number);
          final byte[] value = bytes("value " + number + " " + "abc ".repeat(random.nextInt(30)) + random.nextLong());
          producer.send(new ProducerRecord<>(topic, 0, TIME + random.nextInt(10_000), key, value));
        }
        producer.flush();
      }
      final byte[] noise = new byte[200_000];  // which no codec makes smaller
      random.nextBytes(noise);
      for (int i = 0; i < noise.length; i++) {
        noise[i] = (byte) ('!' + (noise[i] & 63));
      }
      producer.send(new ProducerRecord<>(topic, 0, TIME, null, noise));
    });
  }

  /** Null and empty keys and values, headers of all kinds, bytes that are not text, times before 1970. */
  private void odd() throws Exception {
    final List<Header> headers = new ArrayList<>();
    headers.add(new RecordHeader("first", bytes("one")));
    headers.add(new RecordHeader("first", bytes("again")));
    headers.add(new RecordHeader("", new byte[0]));
    headers.add(new RecordHeader("null", (byte[]) null));
    headers.add(new RecordHeader("schlüssel ☃ 𝄞", bytes("ü")));
    headers.add(new RecordHeader("a,b]", new byte[] {0, 1, -1}));
    batches("none", producer -> {
      final byte[] none = null;
      producer.send(new ProducerRecord<>("odd", 0, TIME, none, none));
      producer.send(new ProducerRecord<>("odd", 0, TIME, new byte[0], new byte[0]));
      producer.send(new ProducerRecord<>("odd", 0, TIME + 1, bytes("k"), null, headers));
      producer.send(new ProducerRecord<>("odd", 0, 0L, null, bytes("grüße ☃ 𝄞 \"quoted\" \\ \t end"), headers));
      producer.flush();
      producer.send(new ProducerRecord<>("odd", 0, 1L, bytes("two\nlines"), bytes("carriage\rreturn")));
      producer.send(new ProducerRecord<>("odd", 0, 2L, new byte[] {-1, 'a', -64, -128, 'b'}, brokenText()));
      producer.flush();
      final Random random = new Random(11);
      for (int i = 0; i < 200; i++) {
        final byte[] noise = new byte[random.nextInt(40)];
        random.nextBytes(noise);
        for (int at = 0; at < noise.length; at++) {
          // Lines are what is compared: none may end within a value.
          if (noise[at] == '\n' || noise[at] == '\r') {
            noise[at] = (byte) 0xE2;
          }
        }
        producer.send(new ProducerRecord<>("odd", 0, TIME + i, null, noise));
      }
    });
  }

  /** Sequences that are cut short, too long, too large, or halves of pairs. */
  private static byte[] brokenText() {
    return new byte[] {'a', (byte) 0xE2, (byte) 0x82, 'b', (byte) 0xF0, (byte) 0x9D, (byte) 0x84, 'c', (byte) 0xED,
        (byte) 0xA0, (byte) 0x80, 'd', (byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80, 'e', (byte) 0xC0,
        (byte) 0xAF, 'f', (byte) 0xE0, (byte) 0x80, (byte) 0xAF, 'g', (byte) 0xF8, (byte) 0x88, 'h', (byte) 0xE2};
  }

  private void numbers() throws Exception {
    batches("none", producer -> {
      for (long number : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
        producer.send(new ProducerRecord<>("numbers", 0, TIME,
            ByteBuffer.allocate(4).putInt((int) number).array(), ByteBuffer.allocate(8).putLong(number).array()));
      }
    });
  }

  private void idempotent() throws Exception {
    for (int producers = 0; producers < 3; producers++) {
      try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(configs("none", true))) {
        for (int i = 0; i < 12; i++) {
          producer.send(new ProducerRecord<>("idempotent", 0, TIME + i, bytes("k"), bytes("v" + i)));
          if (i % 4 == producers) {
            producer.flush();
          }
        }
      }
    }
  }

  private void segments() throws Exception {
    batches("none", producer -> {
      for (int i = 0; i < Topics.SEGMENTS_RECORDS; i++) {
        producer.send(new ProducerRecord<>("segments", 0, TIME + 1000L * i, bytes("key-" + i), bytes("v".repeat(100))));
        if (i % 10 == 9) {
          producer.flush();
        }
      }
    });
  }

  private void compacted() throws Exception {
    batches("none", producer -> {
      for (int i = 0; i < 400; i++) {
        final byte[] value = i % 7 == 0 ? null : bytes("value " + i);
        producer.send(new ProducerRecord<>("compacted", 0, TIME + i, bytes("key-" + i % 40), value));
        if (i % 20 == 19) {
          producer.flush();
        }
      }
    });
  }
}
