/** An Undertow application that mounts Pushy and publishes in-process. */
@NullMarked
package dev.pushy.examples.embedded;

import org.jspecify.annotations.NullMarked;
