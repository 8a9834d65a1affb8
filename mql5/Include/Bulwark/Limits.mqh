// Every bound of the Expert Advisor, in one place. Sizes in bytes, times in milliseconds.
#ifndef BULWARK_LIMITS_MQH
#define BULWARK_LIMITS_MQH

#define BW_VERSION "1.0.0"
#define BW_PROTOCOL 1
#define BW_TICK_LAYOUT 1

// Largest JSON frame and largest attachment. Above it a message is refused, not cut.
#define BW_MESSAGE_BYTES 1048576
// A frame longer than this ends the connection: nobody who speaks the protocol sends it.
#define BW_FRAME_BYTES 1572864
// Commands of the transport (READY, PING, ERROR, CURVE) are small.
#define BW_COMMAND_BYTES 1024
#define BW_MESSAGE_PARTS 2
// What may wait for the network. A runtime that does not read loses its connection at this point.
#define BW_SEND_BYTES 8388608
#define BW_BUFFER_BYTES 16777216

#define BW_JSON_NODES 65536
#define BW_JSON_DEPTH 16
#define BW_TEXT_CHARS 4096

#define BW_READ_CHUNK 65536
#define BW_READS_PER_EVENT 8
#define BW_MESSAGES_PER_EVENT 64
#define BW_FAILED_READS 3

// Longest that one event may block: a connection attempt and a send that meets a full network.
#define BW_CONNECT_MS 1000
#define BW_SEND_MS 250
#define BW_HANDSHAKE_MS 5000
#define BW_PING_EVERY_MS 1000
#define BW_SILENT_LINK_MS 6000
#define BW_BACKOFF_FIRST_MS 250
#define BW_BACKOFF_MAX_MS 10000
#define BW_HELLO_EVERY_MS 3000
#define BW_HEARTBEAT_MS 1000
#define BW_TIMER_MS 16
#define BW_PARK_MS 8
// After a pause of the terminal longer than this, what waits in the socket is read before anybody
// concludes that the runtime was silent.
#define BW_PAUSE_MS 2000
// Announced before a call of the terminal that may block: OrderSend, CopyTicks, CopyRates.
#define BW_BLOCKING_CALL_MS 45000

#define BW_ENDPOINTS 8
#define BW_SYMBOLS 256
#define BW_SESSIONS_REMEMBERED 8
#define BW_IDENTITY_BYTES 200
#define BW_EVENTS_QUEUED 512
#define BW_ATTEMPTS_KEPT 20000
#define BW_SNAPSHOT_PART_BYTES 900000
#define BW_SNAPSHOT_PARTS 1024
#define BW_BARS_PER_CHUNK 4096
#define BW_BARS_PER_REQUEST 200000
#define BW_HISTORY_JOBS 16
#define BW_EVENTS_PER_CHUNK 1024
#define BW_HISTORY_WAIT_MS 30000
#define BW_TICKS_PER_COPY 2000
#define BW_TICKS_PER_EVENT 4096
#define BW_TICKS_PER_CHUNK 16384
#define BW_RESETS_KEPT 32
#define BW_SWEEP_RETRY_MS 1000
#define BW_SWEEP_ITEMS 2048
#define BW_COMMENT_CHARS 31

// The owner of the account inside this terminal refreshes its mark, which it cannot do while a call
// blocks; a mark that is older than any such call is taken over.
#define BW_MUTEX_EVERY_MS 1000
#define BW_MUTEX_STALE_MS 180000

// Guard: a reset seen later than this was not observed, and the anchor is worked out from deals.
#define BW_RESET_OBSERVED_MS 5000
// History without a proof is given an anchor only after it stood still for this long.
#define BW_HISTORY_SETTLED_MS 30000

#endif
