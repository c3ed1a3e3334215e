"""`./trunkline up`: from a fresh clone to a first call."""

from __future__ import annotations

from trunkline_local import packages
from trunkline_local.build import build
from trunkline_local.console import report, say, step
from trunkline_local.local_stack import kafka_for_up, local_stack
from trunkline_local.paths import LOCAL, PROGRAMS, preset
from trunkline_local.stack import Stack


def up(kafka: str | None) -> int:
    chosen = kafka_for_up(kafka)
    stack = local_stack(chosen)
    wanted = packages.BUILD + packages.POSTGRES + (packages.APACHE_KAFKA if chosen == "apache" else ())
    with step("packages") as current:
        packages.install(wanted, current)
    with step("build") as current:
        build(preset(), current, PROGRAMS)
    stack.start(report)
    report("demo call", lambda: _place_demo_call(stack))
    _say_where_to_look(stack)
    return 0


def _place_demo_call(stack: Stack) -> str:
    call = stack.demo.place_call(stack.gateway_grpc())
    record = call["record"]
    status = record["status"].removeprefix("CALL_STATUS_").lower()
    return f"{record['call_id']} {status}, {record['details']['from']} -> {record['details']['to']}"


def _say_where_to_look(stack: Stack) -> None:
    say()
    say("Trunkline is up, and a first call went all the way: gateway, provider twin, webhooks, Kafka, PostgreSQL.")
    say(f"  API                gRPC {stack.gateway_grpc()}, HTTP {stack.gateway_http()}")
    say(f"  webhooks           {stack.ingest_url()}/telephony/webhook/PROVIDER/EVENT")
    say(f"  every address      {LOCAL / 'endpoints.env'}  (load it with: set -a; . .local/endpoints.env)")
    say("  SQL                psql \"$TRUNKLINE_DATABASE_URL\" -c 'SELECT * FROM call_history'")
    say("  what runs          ./trunkline status      its logs   ./trunkline logs [PART] [--follow]")
    say("  stop               ./trunkline down        the tests  ./trunkline test")
