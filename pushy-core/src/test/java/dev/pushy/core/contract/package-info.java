/**
 * What every implementation of an interface of the core must hold to, as abstract test classes: extend one, give it
 * your implementation, and run it. Shipped in the module's test-jar.
 */
@NullMarked
package dev.pushy.core.contract;

import org.jspecify.annotations.NullMarked;
