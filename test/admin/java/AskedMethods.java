import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;

/** Which methods of admin clients were called: a method is its name and what it takes, options left out. */
final class AskedMethods {
  private final Set<String> asked = new TreeSet<>();

  /** The same client, watched. */
  Admin watched(Admin admin) {
    return (Admin) Proxy.newProxyInstance(Admin.class.getClassLoader(), new Class<?>[] {Admin.class},
        (proxy, method, arguments) -> {
          asked.add(shown(method));
          try {
            return method.invoke(admin, arguments);
          } catch (InvocationTargetException failed) {
            throw failed.getCause();
          }
        });
  }

  /** By each method that there is, whether it was called. */
  Map<String, Boolean> all() {
    final Map<String, Boolean> found = new TreeMap<>();
    for (Method method : Admin.class.getMethods()) {
      if (!Modifier.isStatic(method.getModifiers())) {
        found.put(shown(method), asked.contains(shown(method)));
      }
    }
    return found;
  }

  private static String shown(Method method) {
    final List<String> taken = new ArrayList<>();
    for (Class<?> type : Arrays.asList(method.getParameterTypes())) {
      if (!type.getSimpleName().endsWith("Options")) {
        taken.add(type.getSimpleName());
      }
    }
    return method.getName() + "(" + String.join(", ", taken) + ")";
  }
}
