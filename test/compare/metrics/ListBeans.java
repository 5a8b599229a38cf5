import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.management.Attribute;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * For each line of its input prints what a node of the reference tells over JMX: a line a bean, its name and its
 * attributes with their values, parted by tabs; and an empty line in the end.
 */
public final class ListBeans {
  public static void main(String[] arguments) throws Exception {
    JMXServiceURL url = new JMXServiceURL("service:jmx:rmi:///jndi/rmi://localhost:" + arguments[0] + "/jmxrmi");
    try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
      MBeanServerConnection server = connector.getMBeanServerConnection();
      BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
      while (lines.readLine() != null) {
        for (ObjectName name : new TreeSet<>(server.queryNames(new ObjectName("kafka.*:*"), null))) {
          System.out.println(name + "\t" + attributes(server, name));
        }
        System.out.println();
      }
    }
  }

  private static String attributes(MBeanServerConnection server, ObjectName name) throws Exception {
    String[] names = Arrays.stream(server.getMBeanInfo(name).getAttributes())
        .map(MBeanAttributeInfo::getName).sorted().toArray(String[]::new);
    List<Attribute> told = server.getAttributes(name, names).asList();
    return told.stream().map(each -> each.getName() + "=" + each.getValue()).collect(Collectors.joining("\t"));
  }
}
