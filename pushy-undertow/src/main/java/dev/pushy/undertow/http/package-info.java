/** What handlers share that answer plain HTTP requests: how a body is read, and what becomes of one that is not. */
@NullMarked
package dev.pushy.undertow.http;

import org.jspecify.annotations.NullMarked;
