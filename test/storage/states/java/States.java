package states;

import java.io.BufferedReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** The reference's end: takes the steps of a script and prints what came of each, a line a step. */
public final class States {
    /** Takes the steps of one kind. */
    interface Steps {
        String take(String[] words) throws Exception;
    }

    private States() {
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Steps steps = null;
        try (BufferedReader script = Files.newBufferedReader(folder.resolve("script"));
             PrintStream out = new PrintStream(Files.newOutputStream(folder.resolve("theirs")), false,
                 StandardCharsets.UTF_8)) {
            for (String line = script.readLine(); line != null; line = script.readLine()) {
                String[] words = line.split(" ");
                Steps next = switch (words[0]) {
                    case "producers" -> new ProducerSteps(Files.createDirectories(folder.resolve("log/topic-0")));
                    case "epochs" -> new EpochSteps(Files.createDirectories(folder.resolve("epochs/topic-0")));
                    case "parsers" -> new ParseSteps(Files.createDirectories(folder.resolve("files/topic-0")));
                    default -> null;
                };
                steps = next == null ? steps : next;
                out.println(next != null ? "ready" : outcome(steps, words));
            }
        }
        System.exit(0);  // what the reference started may be running
    }

    private static String outcome(Steps steps, String[] words) {
        try {
            return steps.take(words);
        } catch (Throwable broken) {
            broken.printStackTrace();
            return "broken: " + broken;
        }
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
