package dev.pushy.undertow.pusher;

import dev.pushy.undertow.protocol.RequestException;
import dev.pushy.undertow.protocol.UrlText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a signed request's query, in one of the readings that a caller may have signed. Names are lower case.
 * Immutable.
 */
public final class RequestQuery {
    /** No parameters. */
    static final RequestQuery NONE = new RequestQuery(List.of());

    private static final Pattern INDEX = Pattern.compile("\\[[0-9]*]$");
    private static final Comparator<Parameter> BY_NAME = Comparator.comparing(
            parameter -> parameter.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    private final List<Parameter> parameters;

    private record Parameter(String name, String value) {
        /** The name without the brackets that say that there may be several. */
        String base() {
            return INDEX.matcher(name).replaceFirst("");
        }

        boolean isElement() {
            return name.endsWith("]") && !base().equals(name);
        }
    }

    private RequestQuery(List<Parameter> parameters) {
        this.parameters = List.copyOf(parameters);
    }

    /**
     * The readings of a query, the likeliest first: some libraries write a space as a plus, others leave a plus as it is.
     *
     * @param raw as it came, one character for each byte
     */
    static List<RequestQuery> readings(@Nullable String raw) {
        if (raw == null || raw.isEmpty()) {
            return List.of(NONE);
        }
        RequestQuery form = read(raw, true);
        return raw.indexOf('+') < 0 ? List.of(form) : List.of(form, read(raw, false));
    }

    private static RequestQuery read(String raw, boolean form) {
        List<Parameter> parameters = new ArrayList<>();
        for (String pair : raw.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = decode(equals < 0 ? pair : pair.substring(0, equals), form);
                String value = equals < 0 ? "" : decode(pair.substring(equals + 1), form);
                parameters.add(new Parameter(name.toLowerCase(Locale.ROOT), value));
            }
        }
        return new RequestQuery(parameters);
    }

    /** Some libraries do not encode at all, so what cannot be decoded may be meant as it is. */
    private static String decode(String raw, boolean form) {
        try {
            return UrlText.decode(raw, form);
        } catch (RequestException e) {
            return raw;
        }
    }

    /** The first value of a parameter, or null. */
    public @Nullable String first(String name) {
        for (Parameter parameter : parameters) {
            if (parameter.name().equals(name)) {
                return parameter.value();
            }
        }
        return null;
    }

    /** The values of an array, sent as {@code name[]=a&name[]=b} or {@code name[0]=a&name[1]=b}; null if there is none. */
    @Nullable
    List<String> list(String name) {
        List<String> values = new ArrayList<>();
        for (Parameter parameter : parameters) {
            if (parameter.isElement() && parameter.base().equals(name)) {
                values.add(parameter.value());
            }
        }
        return values.isEmpty() ? null : values;
    }

    /**
     * What may have been signed of this reading, the likeliest first. Of arrays there are two forms: the original one, and
     * that of the library for PHP, which joins the values with commas.
     */
    Set<String> signable(String without) {
        Set<String> texts = new LinkedHashSet<>();
        List<Parameter> signed = parameters.stream()
                .filter(parameter -> !parameter.name().equals(without))
                .toList();
        texts.add(joined(signed));
        if (signed.stream().anyMatch(Parameter::isElement)) {
            texts.add(joined(bracketed(signed)));
            texts.add(joined(imploded(signed)));
        }
        return texts;
    }

    private static List<Parameter> bracketed(List<Parameter> signed) {
        return signed.stream()
                .map(parameter ->
                        parameter.isElement() ? new Parameter(parameter.base() + "[]", parameter.value()) : parameter)
                .toList();
    }

    private static List<Parameter> imploded(List<Parameter> signed) {
        List<Parameter> all = new ArrayList<>();
        Map<String, StringJoiner> arrays = new LinkedHashMap<>();
        for (Parameter parameter : signed) {
            if (parameter.isElement()) {
                arrays.computeIfAbsent(parameter.base(), base -> new StringJoiner(","))
                        .add(parameter.value());
            } else {
                all.add(parameter);
            }
        }
        arrays.forEach((base, values) -> all.add(new Parameter(base, values.toString())));
        return all;
    }

    private static String joined(List<Parameter> signed) {
        StringJoiner text = new StringJoiner("&");
        signed.stream().sorted(BY_NAME).forEach(parameter -> text.add(parameter.name() + "=" + parameter.value()));
        return text.toString();
    }

    /** The names; a value may be a secret. */
    @Override
    public String toString() {
        return "RequestQuery" + parameters.stream().map(Parameter::name).toList();
    }
}
