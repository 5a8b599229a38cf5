import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs the reference's command-line tools one after the other in one JVM: a line of standard input is what the tool finds
 * there in base64, a class and its arguments, with tabs between, and is answered by a line: the exit code, standard output,
 * standard error, the latter two in base64.
 */
public final class Tools {
  private Tools() {}

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
    Exit.setHaltProcedure((code, message) -> {
      throw new Ended(code);
    });
    final List<Runnable> atEnd = new ArrayList<>();
    Exit.setShutdownHookAdder((name, hook) -> atEnd.add(hook));
    final PrintStream out = System.out;
    final PrintStream err = System.err;
    final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      final String[] parts = line.split("\t", -1);
      final ByteArrayOutputStream printed = new ByteArrayOutputStream();
      final ByteArrayOutputStream complained = new ByteArrayOutputStream();
      System.setOut(new PrintStream(printed, false, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      System.setIn(new ByteArrayInputStream(Base64.getDecoder().decode(parts[0])));
      final int code = scala(() -> run(parts[1], Arrays.copyOfRange(parts, 2, parts.length)));
      end(atEnd);
      System.out.flush();
      System.setOut(out);
      System.setErr(err);
      out.println(code + " " + encoded(printed) + " " + encoded(complained));
    }
  }

  private interface Run {
    int run();
  }

  /** Tools in Scala print to a console of their own, which is told too. */
  private static int scala(Run run) {
    final int[] code = new int[1];
    scala.Console.withOut(System.out, () -> {
      scala.Console.withErr(System.err, () -> {
        code[0] = run.run();
        return null;
      });
      return null;
    });
    return code[0];
  }

  /** What a tool does when its process ends; one that was left in the middle of its work may wait for itself. */
  private static void end(List<Runnable> hooks) throws InterruptedException {
    for (Runnable each : hooks) {
      final Thread thread = new Thread(each);
      thread.setDaemon(true);
      thread.start();
      thread.join(5000);
    }
    hooks.clear();
  }

  /** The console consumer counts its messages in a static field. */
  private static void forget(Class<?> tool) throws IllegalAccessException {
    for (Field each : tool.getDeclaredFields()) {
      if (each.getName().equals("messageCount") && Modifier.isStatic(each.getModifiers())) {
        each.setAccessible(true);
        each.setInt(null, 0);
      }
    }
  }

  private static int run(String name, String[] arguments) {
    try {
      final Class<?> tool = Class.forName(name);
      forget(tool);
      tool.getMethod("main", String[].class).invoke(null, (Object) arguments);
      return 0;
    } catch (InvocationTargetException invoked) {
      if (invoked.getCause() instanceof Ended) {
        return ((Ended) invoked.getCause()).code;
      }
      System.err.println("thrown " + invoked.getCause());
      return 1;
    } catch (ReflectiveOperationException missing) {
      System.err.println("no tool " + missing);
      return 99;
    }
  }

  private static String encoded(ByteArrayOutputStream bytes) {
    final String text = Base64.getEncoder().encodeToString(bytes.toByteArray());
    return text.isEmpty() ? "-" : text;
  }
}
