package referencedata;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;

/** Segments of magic 0 and 1, which brokers wrote before 0.11 and none writes any more. */
final class LegacyFiles {
  private LegacyFiles() {}

  static void write(Path folder) throws Exception {
    for (byte magic = 0; magic <= 1; magic++) {
      for (CompressionType codec : new CompressionType[] {
          CompressionType.NONE, CompressionType.GZIP, CompressionType.SNAPPY, CompressionType.LZ4}) {
        final Path partition = folder.resolve("magic-" + magic + "-" + codec.name + "-0");
        Files.createDirectories(partition);
        try (FileChannel file = FileChannel.open(partition.resolve("00000000000000000000.log"),
            StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
          long offset = 0;
          for (int count : new int[] {1, 3, 50}) {
            append(file, magic, codec, offset, count);
            offset += count;
          }
        }
      }
    }
  }

  private static void append(FileChannel file, byte magic, CompressionType codec, long first, int count)
      throws Exception {
    final TimestampType type = magic == 0 ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME;
    final MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1 << 16), magic,
        Compression.of(codec).build(), type, first);
    for (int i = 0; i < count; i++) {
      builder.appendWithOffset(first + i, magic == 0 ? -1 : PlainRecords.TIME + i,
          i % 3 == 0 ? null : PlainRecords.bytes("key-" + i), i % 5 == 4 ? null : PlainRecords.bytes("value " + i));
    }
    final ByteBuffer records = builder.build().buffer();
    while (records.hasRemaining()) {
      file.write(records);
    }
  }
}
