/** An example: a broker over PostgreSQL, for those who have a database and want no further server. */
@NullMarked
package dev.pushy.examples.postgres;

import org.jspecify.annotations.NullMarked;
