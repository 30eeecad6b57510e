/** Random scenarios over real sockets, and what must hold of each. */
@NullMarked
package dev.pushy.undertow.oracle;

import org.jspecify.annotations.NullMarked;
