package states;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.metadata.properties.PropertiesUtils;
import org.apache.kafka.server.common.CheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.PartitionMetadataFile;
import org.apache.kafka.storage.internals.log.EpochEntry;
import org.apache.kafka.storage.internals.log.LocalLog;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;

/** Reads files and names, whole and broken. */
final class ParseSteps implements States.Steps {
    /** As the reference's, which is not public: three words a line. */
    private static final class Offsets implements CheckpointFile.EntryFormatter<String> {
        @Override
        public String toString(String entry) {
            return entry;
        }

        @Override
        public java.util.Optional<String> fromString(String line) {
            String[] words = line.split("\\s+");
            return words.length != 3 ? java.util.Optional.empty() : java.util.Optional.of(
                new TopicPartition(words[0], Integer.parseInt(words[1])) + "=" + Long.parseLong(words[2]));
        }
    }

    private final Path folder;

    ParseSteps(Path folder) {
        this.folder = folder;
    }

    @Override
    public String take(String[] words) {
        byte[] bytes = words.length < 3 ? new byte[0] : States.bytes(words[2]);
        try {
            return parsed(words[1], bytes);
        } catch (Exception refused) {
            return "refused";
        }
    }

    private String parsed(String kind, byte[] bytes) throws IOException {
        Path file = folder.resolve(kind);
        StringBuilder text = new StringBuilder();
        switch (kind) {
            case "offsets":
                Files.write(file, bytes);
                for (String each : new CheckpointFile<>(file.toFile(), 0, new Offsets()).read()) {
                    text.append(each).append(' ');
                }
                return text.toString();
            case "epochs":
                Files.write(file, bytes);
                for (EpochEntry each : new LeaderEpochCheckpointFile(file.toFile(), new LogDirFailureChannel(1))
                        .read()) {
                    if (each.epoch() < 0 || each.startOffset() < 0) {
                        return "refused";  // as LeaderEpochFileCache.assign() does
                    }
                    text.append(each.epoch()).append('@').append(each.startOffset()).append(' ');
                }
                return text.toString();
            case "metadata":
                Files.write(file, bytes);
                return new PartitionMetadataFile(file.toFile(), new LogDirFailureChannel(1)).read().topicId()
                    .toString();
            case "properties":
                Files.write(file, bytes);
                return shown(PropertiesUtils.readPropertiesFile(file.toString()));
            case "snapshot":
                Files.write(file, bytes);
                for (ProducerStateEntry each : ProducerStateManager.readSnapshot(file.toFile())) {
                    text.append(each.producerId()).append(':').append(each.producerEpoch()).append(',')
                        .append(each.coordinatorEpoch()).append(',').append(each.lastTimestamp()).append(' ');
                }
                return text.toString();
            case "directory":
                TopicPartition partition = LocalLog.parseTopicPartitionName(
                    folder.resolve(new String(bytes, StandardCharsets.UTF_8)).toFile());
                return partition.topic() + " " + partition.partition();
            default:
                throw new IllegalArgumentException(kind);
        }
    }

    private static String shown(Properties properties) {
        MetaProperties read = new MetaProperties.Builder(properties).build();
        return read.version().number() + " "
            + read.clusterId().map(each -> States.hex(each.getBytes(StandardCharsets.UTF_8))).orElse("none") + " "
            + (read.nodeId().isPresent() ? read.nodeId().getAsInt() : "none") + " "
            + read.directoryId().map(Uuid::toString).orElse("none");
    }
}
