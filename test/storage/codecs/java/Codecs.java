package codecs;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * The reference's end: compresses and decompresses with its own classes. A question is its size in four bytes and a
 * letter, a codec, a number and the rest; an answer is its size and a verdict (0 and bytes, 1 and why not, 2 when
 * there would be more bytes than asked for).
 */
public final class Codecs {
    private static final byte MAGIC = 2;
    private static final byte[] END = {};

    private final BufferSupplier buffers = BufferSupplier.create();

    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream answers = System.out;
        System.setOut(System.err);  // what the reference prints must not mix with answers
        new Codecs().serve(new DataInputStream(new BufferedInputStream(System.in, 1 << 16)),
            new DataOutputStream(new BufferedOutputStream(answers, 1 << 16)));
    }

    private void serve(DataInputStream in, DataOutputStream out) throws IOException, InterruptedException {
        var questions = new LinkedBlockingQueue<byte[]>();
        Thread reader = new Thread(() -> readInto(in, questions), "questions");
        reader.setDaemon(true);
        reader.start();
        for (byte[] question = questions.take(); question != END; question = questions.take()) {
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try {
                answer(ByteBuffer.wrap(question), answer);
            } catch (Throwable refused) {  // errors too: snappy's are some
                answer.reset();
                answer.write(1);
                answer.write(refused.toString().getBytes(StandardCharsets.UTF_8));
            }
            out.writeInt(answer.size());
            answer.writeTo(out);
            if (questions.isEmpty()) {
                out.flush();
            }
        }
    }

    /** On a thread of its own, so that who asks is never kept from asking by an answer that it has yet to read. */
    private static void readInto(DataInputStream in, LinkedBlockingQueue<byte[]> questions) {
        try {
            while (true) {
                questions.add(in.readNBytes(in.readInt()));
            }
        } catch (EOFException end) {
            questions.add(END);
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private void answer(ByteBuffer question, ByteArrayOutputStream answer) throws IOException {
        char letter = (char) question.get();
        CompressionType codec = CompressionType.forId(question.get());
        int number = question.getInt();
        answer.write(0);
        switch (letter) {
            case 'c' -> compress(of(codec, number), question, answer);
            case 'd' -> decompress(of(codec, null), MAGIC, number, question.slice(), answer);
            case '0' -> decompress(of(codec, null), (byte) 0, number, question.slice(), answer);
            case 'l' -> answer.write((codec.minLevel() + " " + codec.maxLevel() + " " + codec.defaultLevel())
                .getBytes(StandardCharsets.UTF_8));
            default -> throw new IllegalArgumentException("no question begins with " + letter);
        }
    }

    private static Compression of(CompressionType codec, Integer level) {
        return switch (codec) {
            case GZIP -> level == null ? Compression.gzip().build() : Compression.gzip().level(level).build();
            case LZ4 -> level == null ? Compression.lz4().build() : Compression.lz4().level(level).build();
            case ZSTD -> level == null ? Compression.zstd().build() : Compression.zstd().level(level).build();
            default -> Compression.of(codec).build();
        };
    }

    private static void compress(Compression codec, ByteBuffer plain, ByteArrayOutputStream answer)
        throws IOException {
        ByteBufferOutputStream block = new ByteBufferOutputStream(512);
        try (OutputStream out = codec.wrapForOutput(block, MAGIC)) {
            out.write(plain.array(), plain.position(), plain.remaining());
        }
        ByteBuffer bytes = block.buffer();
        bytes.flip();
        answer.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
    }

    /** To the end of the stream, as readers of records go: who has read all records tries to read one byte more. */
    private void decompress(Compression codec, byte magic, int most, ByteBuffer block, ByteArrayOutputStream answer)
        throws IOException {
        byte[] part = new byte[20000];
        try (InputStream in = codec.wrapForInput(block, magic, buffers)) {
            while (true) {
                int size = in.read(part, 0, part.length);
                if (size <= 0) {
                    int one = in.read();
                    if (one < 0) {
                        return;
                    }
                    part[0] = (byte) one;
                    size = 1;
                }
                answer.write(part, 0, size);
                if (answer.size() - 1 > most) {
                    answer.reset();
                    answer.write(2);
                    return;
                }
            }
        }
    }
}
