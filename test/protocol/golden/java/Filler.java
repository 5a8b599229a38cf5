package golden;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Messages of random and boundary values that their version can carry. The same seed and index, the same message. */
final class Filler {
    /** What the values lean to; the first messages of each version are of one mood each. */
    private enum Mood { DEFAULTS, LEAST, MOST, NULLS, RANDOM }

    private static final int MOST_BYTES = 40_000;

    private final SplittableRandom random;
    private final Mood mood;
    private final boolean unknownTags;
    private int bytesLeft = MOST_BYTES;
    private int elementsLeft = 150;

    Filler(long seed, int index) {
        random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + index);
        unknownTags = index % 2 == 0;  // JSON does not show them
        mood = index < Mood.values().length ? Mood.values()[index] : Mood.RANDOM;
    }

    Message fill(Catalog.Entry entry, short version) throws ReflectiveOperationException {
        Message message = entry.create();
        if (mood != Mood.DEFAULTS) {
            fill(message, entry.schema(version), 0);
        }
        return message;
    }

    private void fill(Message message, Schema schema, int depth) throws ReflectiveOperationException {
        Shape shape = Shape.of(message.getClass(), schema);
        boolean sparse = mood == Mood.RANDOM && oneIn(8);
        for (Shape.Slot slot : shape.slots) {
            if (!sparse || oneIn(4)) {
                slot.field().set(message, value(slot, depth));
            }
        }
        if (shape.flexible && unknownTags && oneIn(6)) {
            addUnknownTags(message, shape);
        }
    }

    private void addUnknownTags(Message message, Shape shape) {
        TreeSet<Integer> tags = new TreeSet<>();
        for (int i = 1 + random.nextInt(3); i > 0; --i) {
            int tag = random.nextInt(oneIn(4) ? Integer.MAX_VALUE : 12);
            if (oneIn(20)) {
                tag = Integer.MAX_VALUE - 1;  // the largest that the reference writes
            }
            if (!shape.tags.contains(tag)) {
                tags.add(tag);
            }
        }
        for (int tag : tags) {
            message.unknownTaggedFields().add(new RawTaggedField(tag, bytes()));
        }
    }

    private Object value(Shape.Slot slot, int depth) throws ReflectiveOperationException {
        Type type = slot.type();
        if (type.isNullable() && (mood == Mood.NULLS || mood == Mood.RANDOM && oneIn(6))) {
            return null;
        }
        if (type.arrayElementType().isPresent()) {
            return array(slot, type.arrayElementType().get(), depth);
        }
        return single(type, slot.field().getType(), depth);
    }

    private Object array(Shape.Slot slot, Type element, int depth) throws ReflectiveOperationException {
        Field field = slot.field();
        Class<?> elementClass = slot.elementClass();
        Collection<Object> elements = collection(field);
        for (int count = count(element instanceof Schema, depth); count > 0; --count) {
            elements.add(single(element, elementClass, depth + 1));
        }
        return elements;
    }

    @SuppressWarnings("unchecked")
    static Collection<Object> collection(Field field) throws ReflectiveOperationException {
        return field.getType().isInterface()
                ? new ArrayList<>() : (Collection<Object>) field.getType().getConstructor().newInstance();
    }

    private int count(boolean structures, int depth) {
        int count = switch (mood) {
            case LEAST, DEFAULTS -> 0;
            case MOST, NULLS -> depth < 3 ? 1 : 0;
            case RANDOM -> oneIn(5) ? 0 : !structures && oneIn(40) ? 120 + random.nextInt(20)
                    : 1 + random.nextInt(Math.max(1, 4 - depth));
        };
        if (structures) {
            count = Math.min(count, elementsLeft);
            elementsLeft -= count;
        }
        return count;
    }

    private Object single(Type type, Class<?> javaType, int depth) throws ReflectiveOperationException {
        if (type instanceof Schema schema) {
            Message structure = Shape.create(javaType);
            fill(structure, schema, depth + 1);
            return structure;
        }
        if (type == Type.BOOLEAN) {
            return mood == Mood.MOST || mood == Mood.RANDOM && random.nextBoolean();
        } else if (type == Type.INT8) {
            return (byte) integer(8);
        } else if (type == Type.INT16) {
            return (short) integer(16);
        } else if (type == Type.UINT16) {
            return (int) integer(16) & 0xFFFF;
        } else if (type == Type.INT32) {
            return (int) integer(32);
        } else if (type == Type.UNSIGNED_INT32) {
            return integer(32) & 0xFFFF_FFFFL;
        } else if (type == Type.INT64) {
            return integer(64);
        } else if (type == Type.FLOAT64) {
            return real();
        } else if (type == Type.UUID) {
            return new Uuid(integer(64), integer(64));
        } else if (javaType == String.class) {
            return text();
        } else if (javaType == byte[].class) {
            return bytes();
        } else if (javaType == ByteBuffer.class) {
            return ByteBuffer.wrap(bytes());
        } else if (type.toString().endsWith("RECORDS")) {
            return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes()));
        }
        throw new IllegalStateException("no values of " + type + " for " + javaType);
    }

    private long integer(int bits) {
        long least = -1L << bits - 1;
        return switch (mood) {
            case LEAST -> least;
            case MOST -> -least - 1;
            case NULLS, DEFAULTS -> 0;
            case RANDOM -> switch (random.nextInt(8)) {
                case 0 -> 0;
                case 1 -> -1;
                case 2 -> 1;
                case 3 -> least;
                case 4 -> -least - 1;
                default -> random.nextLong() >> 64 - bits;
            };
        };
    }

    private double real() {
        return switch (mood) {
            case LEAST -> -Double.MAX_VALUE;
            case MOST -> Double.MAX_VALUE;
            case NULLS, DEFAULTS -> 0;
            case RANDOM -> switch (random.nextInt(8)) {
                case 0 -> -0.0;
                case 1 -> Double.NaN;
                case 2 -> Double.POSITIVE_INFINITY;
                case 3 -> Double.NEGATIVE_INFINITY;
                case 4 -> Double.MIN_VALUE;
                case 5 -> random.nextInt(1000) / 8.0;
                default -> random.nextDouble() * Math.pow(10, random.nextInt(40) - 20);
            };
        };
    }

    /** Lengths around the steps of their varints, now and then. */
    private int length(int longest) {
        int length = switch (mood) {
            case LEAST, DEFAULTS, NULLS -> 0;
            case MOST -> 300;
            case RANDOM -> oneIn(25) ? 125 + random.nextInt(5) : oneIn(400) ? 16_381 + random.nextInt(5)
                    : oneIn(1500) ? longest : random.nextInt(12);
        };
        length = Math.min(length, Math.max(bytesLeft, 0));
        bytesLeft -= length;
        return length;
    }

    private byte[] bytes() {
        byte[] bytes = new byte[length(MOST_BYTES)];
        random.nextBytes(bytes);
        return bytes;
    }

    private String text() {
        int length = length(Short.MAX_VALUE);
        StringBuilder text = new StringBuilder(length);
        int alphabet = random.nextInt(6);
        for (int bytes = 0; bytes < length; ) {
            int letter = letter(alphabet);
            int width = letter < 0x80 ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
            if (bytes + width > length) {
                letter = 'a';
                width = 1;
            }
            text.appendCodePoint(letter);
            bytes += width;
        }
        return text.toString();
    }

    private int letter(int alphabet) {
        return switch (alphabet) {
            case 0 -> "\"\\/\0\u0001\b\t\n\f\r\u001f\u007f\u0080\u2028\u2029\ufeff\uffff".codePointAt(random.nextInt(17));
            case 1 -> {
                int any = random.nextInt(0x10000, 0x110000);
                yield oneIn(2) ? any : any & 0x7F;
            }
            case 2 -> {
                int any = random.nextInt(0x10000);
                yield Character.isSurrogate((char) any) ? 'z' : any;
            }
            default -> 'a' + random.nextInt(26);
        };
    }

    private boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }
}
