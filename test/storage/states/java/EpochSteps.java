package states;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache;
import org.apache.kafka.storage.internals.log.EpochEntry;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;

/** Leader epochs of one partition. */
final class EpochSteps implements States.Steps {
    private final Path file;
    private final LeaderEpochFileCache epochs;

    EpochSteps(Path folder) throws IOException {
        file = LeaderEpochCheckpointFile.newFile(folder.toFile()).toPath();
        epochs = new LeaderEpochFileCache(new TopicPartition("topic", 0),
            new LeaderEpochCheckpointFile(file.toFile(), new LogDirFailureChannel(1)), new Idle());
    }

    @Override
    public String take(String[] words) throws Exception {
        return outcome(words) + " | " + shown(epochs.epochEntries());
    }

    private String outcome(String[] words) throws Exception {
        long number = Long.parseLong(words[1]);
        switch (words[0]) {
            case "assign":
                epochs.assign((int) number, Long.parseLong(words[2]));
                return Integer.toString(Files.readAllLines(file).get(1).charAt(0) - '0');
            case "end":
                Map.Entry<Integer, Long> end = epochs.endOffsetFor((int) number, Long.parseLong(words[2]));
                return end.getKey() + "@" + end.getValue();
            case "epoch":
                return shown(epochs.epochForOffset(number));
            case "near":
                return shown(epochs.previousEntry((int) number)) + " " + shown(epochs.epochEntry((int) number)) + " "
                    + shown(epochs.nextEpoch((int) number)) + " " + shown(epochs.earliestEntry()) + " "
                    + shown(epochs.latestEntry());
            case "between":
                return shown(epochs.epochEntriesInRange(number, Long.parseLong(words[2])));
            case "cut_end":
                epochs.truncateFromEndAsyncFlush(number);
                return "done";
            case "cut_start":
                epochs.truncateFromStartAsyncFlush(number);
                return "done";
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private static String shown(OptionalInt epoch) {
        return epoch.isPresent() ? Integer.toString(epoch.getAsInt()) : "none";
    }

    private static String shown(Optional<EpochEntry> entry) {
        return entry.map(each -> each.epoch() + "@" + each.startOffset()).orElse("none");
    }

    private static String shown(List<EpochEntry> entries) {
        StringBuilder text = new StringBuilder("[");
        for (EpochEntry each : entries) {
            text.append(each.epoch()).append('@').append(each.startOffset()).append(' ');
        }
        return text.append(']').toString();
    }
}
