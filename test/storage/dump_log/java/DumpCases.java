import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs the reference's dump-log for each line of CASES, in one JVM: DumpCases CASES FOLDER. A line is a name and
 * arguments, with tabs between; FOLDER/name.out, .err and .code become what the program printed and ended with.
 */
public final class DumpCases {
  private DumpCases() {}

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
    final Method tool = Class.forName("org.apache.kafka.tools.DumpLogSegments").getMethod("main", String[].class);
    final PrintStream out = System.out;
    final PrintStream err = System.err;
    for (String line : Files.readAllLines(Path.of(words[0]), StandardCharsets.UTF_8)) {
      final String[] parts = line.split("\t", -1);
      final ByteArrayOutputStream printed = new ByteArrayOutputStream();
      final ByteArrayOutputStream complained = new ByteArrayOutputStream();
      System.setOut(new PrintStream(printed, false, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      final int code = run(tool, Arrays.copyOfRange(parts, 1, parts.length));
      System.out.flush();
      System.setOut(out);
      System.setErr(err);
      final Path folder = Path.of(words[1]);
      Files.write(folder.resolve(parts[0] + ".out"), printed.toByteArray());
      Files.write(folder.resolve(parts[0] + ".err"), complained.toByteArray());
      Files.writeString(folder.resolve(parts[0] + ".code"), code + "\n");
    }
  }

  /** An exception is the end with 1 and a trace; here its text is enough. */
  private static int run(Method tool, String[] arguments) throws IllegalAccessException {
    try {
      tool.invoke(null, (Object) arguments);
      return 0;
    } catch (InvocationTargetException wrapped) {
      final Throwable cause = wrapped.getCause();
      if (cause instanceof Ended) {
        return ((Ended) cause).code;
      }
      System.err.println("thrown " + cause.getClass().getName() + ": " + cause.getMessage());
      return 1;
    }
  }
}
