import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.protocol.SendBuilder;
import org.apache.kafka.common.requests.ResponseHeader;

/**
 * The reference's codec as the opponent. Each line of standard input asks for one figure:
 * {@code decode|encode|send CLASS VERSION FILE}; the answer is nanoseconds of this thread's CPU for one message.
 */
public class JavaCodec {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long WARM_UP_NANOS = 2_000_000_000L;
    private static final long MEASURED_NANOS = 200_000_000L;
    private static long sink;

    private interface Work {
        void run() throws Exception;
    }

    private static Work decoding(java.lang.reflect.Constructor<?> make, ByteBuffer bytes, short version) {
        return () -> {
            bytes.rewind();
            sink += make.newInstance(new ByteBufferAccessor(bytes), version).hashCode() & 1;
        };
    }

    private static Work encoding(Message message, short version) {
        return () -> {
            ObjectSerializationCache cache = new ObjectSerializationCache();
            ByteBuffer out = ByteBuffer.allocate(message.size(cache, version));
            message.write(new ByteBufferAccessor(out), cache, version);
            sink += out.position();
        };
    }

    private static Work sending(FetchResponseData message, short version) {
        ResponseHeader header = new ResponseHeader(1, (short) 1);
        return () -> sink += SendBuilder.buildResponseSend(header, message, version).size();
    }

    private static double measure(Work work, long nanos) throws Exception {
        long count = 0;
        long start = THREADS.getCurrentThreadCpuTime();
        long spent;
        do {
            for (int i = 0; i < 64; i++) work.run();
            count += 64;
            spent = THREADS.getCurrentThreadCpuTime() - start;
        } while (spent < nanos);
        return (double) spent / count;
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in));
        java.util.Set<String> warm = new java.util.HashSet<>();
        for (String line; (line = questions.readLine()) != null; ) {
            String[] words = line.split(" ");
            Class<?> type = Class.forName("org.apache.kafka.common.message." + words[1] + "Data");
            short version = Short.parseShort(words[2]);
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(words[3])));
            var make = type.getConstructor(Readable.class, short.class);
            Message message = (Message) make.newInstance(new ByteBufferAccessor(bytes), version);
            Work work = switch (words[0]) {
                case "decode" -> new ReusedDecoder(words[1], bytes, version).work(make);
                case "encode" -> encoding(message, version);
                default -> sending((FetchResponseData) message, version);
            };
            if (warm.add(line)) measure(work, WARM_UP_NANOS);
            System.out.println(measure(work, MEASURED_NANOS));
            System.out.flush();
        }
        if (sink == 42) System.err.println(sink);
    }

    /** Calls the constructors directly: reflection would be counted as the codec's. */
    private record ReusedDecoder(String name, ByteBuffer bytes, short version) {
        Work work(java.lang.reflect.Constructor<?> make) {
            return switch (name) {
                case "ProduceRequest" -> () -> keep(new org.apache.kafka.common.message.ProduceRequestData(fresh(), version));
                case "FetchRequest" -> () -> keep(new org.apache.kafka.common.message.FetchRequestData(fresh(), version));
                case "MetadataResponse" -> () -> keep(new org.apache.kafka.common.message.MetadataResponseData(fresh(), version));
                default -> decoding(make, bytes, version);
            };
        }

        private ByteBufferAccessor fresh() {
            bytes.rewind();
            return new ByteBufferAccessor(bytes);
        }

        private static void keep(Object made) {
            sink += System.identityHashCode(made.getClass()) & 1;
        }
    }
}
