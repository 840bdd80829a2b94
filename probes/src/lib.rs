//! One exchange each: HTTP, MQTT, DNS; and the routes on which they are aimed.
