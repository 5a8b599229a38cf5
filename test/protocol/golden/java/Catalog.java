package golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.Schema;

/** All generated message classes of the reference: whatever on the class path has a JSON converter beside it. */
final class Catalog {
    private static final String CONVERTER = "JsonConverter.class";

    /** One message; its name is that of its description: the class's, without "Data" where that was appended. */
    static final class Entry {
        final String name;
        final Class<? extends Message> type;
        final short lowest;
        final short highest;
        private final Schema[] schemas;
        private final Method writeJson;
        private final Method readJson;

        Entry(Class<? extends Message> type, Class<?> converter) throws ReflectiveOperationException {
            this.type = type;
            name = messageName(type.getSimpleName());
            lowest = type.getField("LOWEST_SUPPORTED_VERSION").getShort(null);
            highest = type.getField("HIGHEST_SUPPORTED_VERSION").getShort(null);
            schemas = (Schema[]) type.getField("SCHEMAS").get(null);
            writeJson = converter.getMethod("write", type, short.class, boolean.class);
            readJson = converter.getMethod("read", JsonNode.class, short.class);
        }

        Schema schema(short version) {
            return schemas[version];
        }

        Message create() throws ReflectiveOperationException {
            return type.getConstructor().newInstance();
        }

        Message decode(ByteBufferAccessor bytes, short version) throws ReflectiveOperationException {
            Message message = create();
            message.read(bytes, version);
            return message;
        }

        /** Record sets show as their size, or, since the converter leaves them empty, not at all. */
        JsonNode toJson(Message message, short version) throws ReflectiveOperationException {
            return (JsonNode) writeJson.invoke(null, message, version, false);
        }

        Message fromJson(JsonNode json, short version) throws ReflectiveOperationException {
            return (Message) readJson.invoke(null, json, version);
        }
    }

    private final Map<String, Entry> entries = new TreeMap<>();

    Catalog() throws IOException, ReflectiveOperationException {
        for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (place.endsWith(".jar")) {
                addJar(place);
            }
        }
    }

    Collection<Entry> all() {
        return entries.values();
    }

    Entry find(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("the reference has no message " + name);
        }
        return entry;
    }

    private static String messageName(String className) {
        boolean appended = className.endsWith("RequestData") || className.endsWith("ResponseData")
                || className.endsWith("HeaderData");
        return appended ? className.substring(0, className.length() - 4) : className;
    }

    private void addJar(String path) throws IOException, ReflectiveOperationException {
        try (JarFile jar = new JarFile(path)) {
            for (var entry : (Iterable<java.util.jar.JarEntry>) jar.stream()::iterator) {
                String file = entry.getName();
                if (file.startsWith("org/apache/kafka/") && file.endsWith(CONVERTER) && !file.contains("$")) {
                    add(file.substring(0, file.length() - CONVERTER.length()).replace('/', '.'));
                }
            }
        }
    }

    private void add(String className) throws ReflectiveOperationException {
        Entry entry = new Entry(Class.forName(className).asSubclass(Message.class),
                Class.forName(className + "JsonConverter"));
        if (entries.put(entry.name, entry) != null) {
            throw new IllegalStateException("two messages are called " + entry.name);
        }
    }
}
