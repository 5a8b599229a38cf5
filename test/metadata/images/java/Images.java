package images;

import java.io.BufferedReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.metadata.ClientQuotaRecord;
import org.apache.kafka.common.metadata.RegisterBrokerRecord;
import org.apache.kafka.common.metadata.RegisterControllerRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.image.node.MetadataImageNode;
import org.apache.kafka.image.node.printer.MetadataNodeRedactionCriteria;
import org.apache.kafka.image.node.printer.NodeStringifier;
import org.apache.kafka.image.writer.ImageWriterOptions;
import org.apache.kafka.image.writer.RecordListWriter;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/** The reference's end: takes the steps of a script and prints what came of each, a line a step. */
public final class Images {
    private MetadataImage image = MetadataImage.EMPTY;

    private Images() {
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Images images = new Images();
        try (BufferedReader script = Files.newBufferedReader(folder.resolve("script"));
             PrintStream out = new PrintStream(Files.newOutputStream(folder.resolve("theirs")), false,
                 StandardCharsets.UTF_8)) {
            for (String line = script.readLine(); line != null; line = script.readLine()) {
                out.println(images.take(line.split(" ")));
            }
        }
    }

    private String take(String[] words) throws Exception {
        switch (words[0]) {
            case "records":
                return replay(words);
            case "snapshot":
                return snapshot(Short.parseShort(words[1]), Boolean.parseBoolean(words[2]));
            case "tree":
                NodeStringifier tree = new NodeStringifier(MetadataNodeRedactionCriteria.Disabled.INSTANCE);
                new MetadataImageNode(image).print(tree);
                return tree.toString();
            case "version":
                return version(MetadataVersion.fromFeatureLevel(Short.parseShort(words[1])));
            case "feature":
                return feature(words[1], Short.parseShort(words[2]), Short.parseShort(words[3]));
            case "parse":
                try {
                    return MetadataVersion.fromVersionString(words[1], Boolean.parseBoolean(words[2])).version();
                } catch (IllegalArgumentException unknown) {
                    return unknown.getMessage();
                }
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private String replay(String[] words) {
        MetadataDelta delta = new MetadataDelta.Builder().setImage(image).build();
        try {
            for (int i = 1; i < words.length; ++i) {
                byte[] bytes = HexFormat.of().parseHex(words[i]);
                delta.replay(MetadataRecordSerde.INSTANCE.read(new ByteBufferAccessor(ByteBuffer.wrap(bytes)),
                    bytes.length).message());
            }
            image = delta.apply(new MetadataProvenance(-1, -1, -1, true));
            return "ok";
        } catch (Exception refused) {
            return "refused";
        }
    }

    private String snapshot(short level, boolean elr) {
        List<String> lost = new ArrayList<>();
        RecordListWriter writer = new RecordListWriter();
        image.write(writer, new ImageWriterOptions.Builder(MetadataVersion.fromFeatureLevel(level))
            .setEligibleLeaderReplicasEnabled(elr).setLossHandler(loss -> lost.add(shortened(loss.loss()))).build());
        List<String> written = new ArrayList<>();
        for (ApiMessageAndVersion each : writer.records()) {
            ApiMessageAndVersion record = new ApiMessageAndVersion(sorted(each.message()), each.version());
            ObjectSerializationCache cache = new ObjectSerializationCache();
            ByteBuffer buffer = ByteBuffer.allocate(MetadataRecordSerde.INSTANCE.recordSize(record, cache));
            MetadataRecordSerde.INSTANCE.write(record, cache, new ByteBufferAccessor(buffer));
            written.add(HexFormat.of().formatHex(buffer.array()));
        }
        Collections.sort(lost);
        Collections.sort(written);
        return String.join(",", lost) + " | " + String.join(" ", written);
    }

    /** Lists of names come in the order of a hash table. */
    private static String shortened(String loss) {
        if (loss.startsWith("ScramImage(")) {
            return "the SCRAM credentials of one or more users";
        }
        return loss.startsWith("DelegationTokenImage(") ? "one or more delegation tokens" : loss;
    }

    /** The same record with what comes in the order of a hash table put in the order of names. */
    private static ApiMessage sorted(ApiMessage message) {
        if (message instanceof ClientQuotaRecord quota) {
            quota.entity().sort(Comparator.comparing(ClientQuotaRecord.EntityData::entityType));
        } else if (message instanceof RegisterBrokerRecord broker) {
            broker.endPoints().sort(Comparator.comparing(RegisterBrokerRecord.BrokerEndpoint::name));
            broker.features().sort(Comparator.comparing(RegisterBrokerRecord.BrokerFeature::name));
        } else if (message instanceof RegisterControllerRecord controller) {
            controller.endPoints().sort(Comparator.comparing(RegisterControllerRecord.ControllerEndpoint::name));
            controller.features().sort(Comparator.comparing(RegisterControllerRecord.ControllerFeature::name));
        }
        return message;
    }

    private static String version(MetadataVersion version) {
        StringBuilder text = new StringBuilder(version.version()).append(' ').append(version.shortVersion());
        for (short each : new short[] {version.registerBrokerRecordVersion(), version.partitionRecordVersion(),
            version.partitionChangeRecordVersion(), version.fetchRequestVersion(),
            version.listOffsetRequestVersion()}) {
            text.append(' ').append(each);
        }
        for (Feature each : Feature.PRODUCTION_FEATURES) {
            text.append(' ').append(each.defaultLevel(version));
        }
        for (boolean each : new boolean[] {version.isMigrationSupported(), version.isScramSupported(),
            version.isLeaderEpochBumpRequiredOnIsrShrink(), version.isMetadataTransactionSupported(),
            version.isDelegationTokenSupported(), version.isControllerRegistrationSupported(),
            version.isDirectoryAssignmentSupported(), version.isElrSupported(), version.isCordonedLogDirsSupported(),
            version.isCidrAclSupported(), version.isControllerUnregistrationSupported()}) {
            text.append(' ').append(each);
        }
        text.append(' ');
        for (MetadataVersion each : MetadataVersion.VERSIONS) {
            text.append(MetadataVersion.checkIfMetadataChanged(version, each) ? '1' : '0');
        }
        return text.toString();
    }

    private static String feature(String name, short level, short version) {
        try {
            Map<String, Short> finalized = new HashMap<>(Map.of(MetadataVersion.FEATURE_NAME, version));
            Feature.validateVersion(Feature.featureFromName(name).fromFeatureLevel(level, false), finalized);
            return "ok";
        } catch (IllegalArgumentException refused) {
            return refused.getMessage();
        }
    }
}
