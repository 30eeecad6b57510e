package dev.pushy.undertow.transport;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes down what a {@link FrameReader} found, one line each. */
final class RecordingSink implements FrameReader.Sink {
    final List<String> found = new ArrayList<>();
    boolean wantsMore = true;
    boolean pauseAfterText;

    @Override
    public void onText(String text) {
        found.add("text " + text);
        wantsMore = !pauseAfterText;
    }

    @Override
    public void onBinary(byte[] message) {
        found.add("binary " + HexFormat.of().formatHex(message));
    }

    @Override
    public void onPing(byte[] payload) {
        found.add("ping " + HexFormat.of().formatHex(payload));
    }

    @Override
    public void onPong(byte[] payload) {
        found.add("pong " + HexFormat.of().formatHex(payload));
    }

    @Override
    public void onClose(int code, String reason) {
        found.add("close " + code + " " + reason);
    }

    @Override
    public void onFault(int code, String reason) {
        found.add("fault " + code);
    }

    @Override
    public boolean wantsMore() {
        return wantsMore;
    }
}
