package quorum;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.metadata.AbortTransactionRecord;
import org.apache.kafka.common.metadata.BeginTransactionRecord;
import org.apache.kafka.common.metadata.EndTransactionRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.image.node.MetadataImageNode;
import org.apache.kafka.image.node.printer.MetadataNodeRedactionCriteria;
import org.apache.kafka.image.node.printer.NodeStringifier;
import org.apache.kafka.metadata.util.BatchFileReader;
import org.apache.kafka.server.common.ApiMessageAndVersion;

/** Shows what metadata logs say, read with the reference's classes: a line each. */
public final class Show {
    private Show() {
    }

    public static void main(String[] arguments) throws Exception {
        for (String folder : arguments) {
            System.out.println("tree " + tree(Path.of(folder)));
        }
    }

    private static String tree(Path folder) throws Exception {
        MetadataDelta delta = new MetadataDelta.Builder().setImage(MetadataImage.EMPTY).build();
        List<String> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.map(each -> each.getFileName().toString()).sorted().toList();
        }
        String snapshot = names.stream().filter(each -> each.endsWith(".checkpoint")).reduce((a, b) -> b).orElse(null);
        long next = snapshot == null ? 0 : Long.parseLong(snapshot.substring(0, 20));
        if (next > 0) {
            replay(folder.resolve(snapshot), 0, delta);
        }
        for (String name : names) {
            if (name.endsWith(".log")) {
                replay(folder.resolve(name), next, delta);
            }
        }
        NodeStringifier text = new NodeStringifier(MetadataNodeRedactionCriteria.Disabled.INSTANCE);
        new MetadataImageNode(delta.apply(MetadataProvenance.EMPTY)).print(text);
        return text.toString();
    }

    private static void replay(Path file, long from, MetadataDelta delta) throws Exception {
        if (Files.size(file) == 0) {
            return;
        }
        try (BatchFileReader reader = new BatchFileReader.Builder().setPath(file.toString()).build()) {
            while (reader.hasNext()) {
                BatchFileReader.BatchAndType batch = reader.next();
                if (batch.isControl() || batch.batch().baseOffset() < from) {
                    continue;
                }
                for (ApiMessageAndVersion record : batch.batch().records()) {
                    ApiMessage message = record.message();
                    boolean mark = message instanceof BeginTransactionRecord || message instanceof EndTransactionRecord
                        || message instanceof AbortTransactionRecord;
                    if (!mark) {
                        delta.replay(message);
                    }
                }
            }
        }
    }
}
