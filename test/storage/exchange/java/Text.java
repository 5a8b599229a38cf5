package exchange;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.header.Header;

/** Bytes in words: "-" for null, hex for a few, their number and CRC-32C for many. */
final class Text {
  private static final int MOST = 40;

  private Text() {}

  static String of(ByteBuffer buffer) {
    if (buffer == null) {
      return "-";
    }
    final byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return of(bytes);
  }

  static String of(byte[] bytes) {
    if (bytes == null) {
      return "-";
    }
    if (bytes.length <= MOST) {
      return "x" + HexFormat.of().formatHex(bytes);
    }
    final CRC32C crc = new CRC32C();
    crc.update(bytes);
    return bytes.length + ":" + Long.toHexString(crc.getValue());
  }

  static String of(Iterable<Header> headers) {
    final StringBuilder text = new StringBuilder();
    for (Header header : headers) {
      text.append(" header ").append(of(header.key().getBytes(StandardCharsets.UTF_8))).append('=')
          .append(of(header.value()));
    }
    return text.toString();
  }

  static String of(Header[] headers) {
    return of(List.of(headers));
  }
}
