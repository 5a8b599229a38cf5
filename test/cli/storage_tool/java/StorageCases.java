import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.kafka.common.utils.internals.Exit;

/**
 * Runs the reference's storage tool in one JVM: StorageCases CASES FOLDER. A line is a name, "run" and arguments, with
 * tabs between; FOLDER/name.out, .err and .code become what the program printed and ended with. Other lines say what
 * happens to files between two runs.
 */
public final class StorageCases {
  private StorageCases() {}

  /** In place of the process's end. */
  private static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int code;

    Ended(int code) {
      this.code = code;
    }
  }

  public static void main(String[] words) throws Exception {
    Exit.setExitProcedure((code, message) -> {
      throw new Ended(code);
    });
    final PrintStream out = System.out;
    final PrintStream err = System.err;
    for (String line : Files.readAllLines(Path.of(words[0]), StandardCharsets.UTF_8)) {
      final String[] parts = line.split("\t", -1);
      if (!parts[1].equals("run")) {
        prepare(parts[1], Path.of(parts[2]), parts.length > 3 ? parts[3] : "");
        continue;
      }
      final ByteArrayOutputStream printed = new ByteArrayOutputStream();
      final ByteArrayOutputStream complained = new ByteArrayOutputStream();
      System.setOut(new PrintStream(printed, false, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      final int code = run(Arrays.copyOfRange(parts, 2, parts.length));
      System.out.flush();
      System.setOut(out);
      System.setErr(err);
      final Path folder = Path.of(words[1]);
      Files.write(folder.resolve(parts[0] + ".out"), printed.toByteArray());
      Files.write(folder.resolve(parts[0] + ".err"), complained.toByteArray());
      Files.writeString(folder.resolve(parts[0] + ".code"), code + "\n");
    }
  }

  private static void prepare(String kind, Path path, String text) throws IOException {
    switch (kind) {
      case "write":
        Files.createDirectories(path.getParent());
        Files.writeString(path, text.replace("\\n", "\n"));
        return;
      case "folder":
        Files.createDirectories(path);
        return;
      case "link":
        Files.createSymbolicLink(path, Path.of(text));
        return;
      default:
        throw new IllegalArgumentException(kind);
    }
  }

  /** What nobody catches is the end with 1 and a trace; here its text is enough. */
  private static int run(String[] arguments) {
    try {
      kafka.tools.StorageTool.main(arguments);
      return 0;
    } catch (Ended ended) {
      return ended.code;
    } catch (Throwable thrown) {
      System.err.println("thrown " + thrown.getClass().getName() + ": " + thrown.getMessage());
      return 1;
    }
  }
}
