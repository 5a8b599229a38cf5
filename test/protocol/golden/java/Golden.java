package golden;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;

/**
 * The reference's end of the golden test: answers questions that come in frames on standard input. A frame is its
 * size in four bytes and its contents; texts and bytes have their length in four bytes before them. A question
 * begins with one letter, an answer with 0, or with 1 and a text that says what went wrong.
 */
public final class Golden {
    private static final byte[] END = {};

    private final Catalog catalog = new Catalog();
    private final ObjectMapper json = new ObjectMapper();

    private Golden() throws IOException, ReflectiveOperationException {
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);  // what the reference prints must not mix with answers
        new Golden().serve(new DataOutputStream(new BufferedOutputStream(answers, 1 << 16)));
    }

    private void serve(DataOutputStream out) throws Exception {
        var questions = new LinkedBlockingQueue<byte[]>();
        Thread reader = new Thread(() -> readInto(questions), "questions");
        reader.setDaemon(true);
        reader.start();
        for (byte[] question = questions.take(); question != END; question = questions.take()) {
            byte[] answer = answer(question);
            out.writeInt(answer.length);
            out.write(answer);
            if (questions.isEmpty()) {
                out.flush();
            }
        }
    }

    /** On a thread of its own, so that who asks is never kept from asking by an answer that it has yet to read. */
    private static void readInto(LinkedBlockingQueue<byte[]> questions) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(System.in, 1 << 16))) {
            while (true) {
                questions.add(in.readNBytes(in.readInt()));
            }
        } catch (EOFException end) {
            questions.add(END);
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private byte[] answer(byte[] question) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeByte(0);
            answer(new DataInputStream(new ByteArrayInputStream(question)), out);
        } catch (Exception | LinkageError broken) {
            bytes.reset();
            out.writeByte(1);
            put(out, describe(broken));
        }
        return bytes.toByteArray();
    }

    private void answer(DataInputStream in, DataOutputStream out) throws Exception {
        char letter = (char) in.readByte();
        switch (letter) {
            case 'L' -> list(out);
            case 'G' -> generate(in, out);
            case 'D' -> decodeAll(in, out);
            case 'R' -> refusals(in, out);
            case 'H' -> headerVersions(in, out);
            case 'Q' -> parseRequest(in, out);
            default -> throw new IllegalArgumentException("no question begins with " + letter);
        }
    }

    private void list(DataOutputStream out) throws IOException {
        out.writeInt(catalog.all().size());
        for (Catalog.Entry entry : catalog.all()) {
            put(out, entry.name);
            out.writeShort(entry.lowest);
            out.writeShort(entry.highest);
        }
    }

    /** name, version, seed, first index, count -> count of (bytes, JSON). */
    private void generate(DataInputStream in, DataOutputStream out) throws Exception {
        Catalog.Entry entry = catalog.find(text(in));
        short version = in.readShort();
        long seed = in.readLong();
        int first = in.readInt();
        int count = in.readInt();
        out.writeInt(count);
        for (int index = first; index < first + count; ++index) {
            Message message = new Filler(seed, index).fill(entry, version);
            put(out, encode(message, version));
            put(out, entry.toJson(message, version).toString());
        }
    }

    /**
     * name, version, count of (bytes, JSON or nothing) -> count of (what went wrong or nothing, bytes that were
     * read, the bytes written again, their JSON, the bytes of the message that the given JSON tells).
     */
    private void decodeAll(DataInputStream in, DataOutputStream out) throws Exception {
        Catalog.Entry entry = catalog.find(text(in));
        short version = in.readShort();
        int count = in.readInt();
        out.writeInt(count);
        for (int i = 0; i < count; ++i) {
            byte[] bytes = bytes(in);
            byte[] told = bytes(in);
            String wrong = "";
            ByteBufferAccessor place = new ByteBufferAccessor(ByteBuffer.wrap(bytes));
            byte[] again = {};
            String shown = "";
            byte[] retold = {};
            try {
                Message message = entry.decode(place, version);
                wrong = "it can be read and not be written: ";
                again = encode(message, version);
                shown = entry.toJson(message, version).toString();
                if (told.length != 0) {
                    wrong = "its JSON cannot be read: ";
                    retold = encode(entry.fromJson(json.readTree(told), version), version);
                }
                wrong = "";
            } catch (Exception broken) {
                wrong += describe(broken);
            }
            put(out, wrong);
            out.writeInt(bytes.length - place.remaining());
            put(out, again);
            put(out, shown);
            put(out, retold);
        }
    }

    /** name, version, count of (path, 0 null or 1 another value) -> count of (what went wrong or nothing, bytes). */
    private void refusals(DataInputStream in, DataOutputStream out) throws Exception {
        Catalog.Entry entry = catalog.find(text(in));
        short version = in.readShort();
        int count = in.readInt();
        out.writeInt(count);
        for (int i = 0; i < count; ++i) {
            Message message = Refusals.make(entry, text(in), Refusals.Value.values()[in.readByte()]);
            try {
                byte[] bytes = encode(message, version);
                put(out, "");
                put(out, bytes);
            } catch (RuntimeException refused) {
                put(out, describe(refused));
                put(out, new byte[0]);
            }
        }
    }

    /** API key, version -> header version of the request, of the response. */
    private void headerVersions(DataInputStream in, DataOutputStream out) throws IOException {
        ApiKeys api = ApiKeys.forId(in.readShort());
        short version = in.readShort();
        out.writeShort(api.requestHeaderVersion(version));
        out.writeShort(api.responseHeaderVersion(version));
    }

    /** API key, version, bytes -> what went wrong or nothing. */
    private void parseRequest(DataInputStream in, DataOutputStream out) throws IOException {
        ApiKeys api = ApiKeys.forId(in.readShort());
        short version = in.readShort();
        ByteBufferAccessor place = new ByteBufferAccessor(ByteBuffer.wrap(bytes(in)));
        String wrong = "";
        try {
            AbstractRequest.parseRequest(api, version, place);
        } catch (RuntimeException broken) {
            wrong = describe(broken);
        }
        put(out, wrong);
    }

    private static byte[] encode(Message message, short version) {
        ByteBuffer buffer = MessageUtil.toByteBufferAccessor(message, version).buffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static String describe(Throwable broken) {
        Throwable cause = broken instanceof InvocationTargetException ? broken.getCause() : broken;
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        return in.readNBytes(in.readInt());
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static void put(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static void put(DataOutputStream out, String text) throws IOException {
        put(out, text.getBytes(StandardCharsets.UTF_8));
    }
}
