"""Streamlit's own WebSocket and protobuf messages, spoken by a client that is no browser.

`Socket` does what the front end does between a run it asks for and the last message of that run: it keeps widgets, the
address and the messages that the server may leave out the next time, and counts what it was sent.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

AGE = 2
"""Runs for which a browser keeps a message that came in none of them."""
LARGEST = 64 * 2**20
"""Bytes that one message may have."""
DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class ProtocolError(Exception):
    """The server did not do what a browser relies on."""


@dataclass
class Run:
    """One run of the page's script: `seconds` from the request to the last byte, `sent` bytes on the socket.

    `stage` is the message that a component was handed, by its key; `failures` are what the page said went wrong.
    """

    seconds: float = 0.0
    sent: int = 0
    messages: int = 0
    stage: dict[str, bytes] = field(default_factory=dict)
    charts: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass
class Socket:
    """A session: a page at `address` (``http://host:port``) and `page`, its key."""

    address: str
    page: str
    query: str = ""
    cookie: str = ""
    script: str = ""
    widgets: dict[str, WidgetState] = field(default_factory=dict)
    components: dict[str, str] = field(default_factory=dict)
    fragments: dict[str, str] = field(default_factory=dict)
    kept: dict[str, tuple[int, ForwardMsg]] = field(default_factory=dict)
    runs: int = 0

    async def __aenter__(self) -> "Socket":
        where = self.address.replace("http", "ws", 1) + "/_stcore/stream"
        # As in the browser: the sub-protocol's list also carries a token, which only a form's upload is asked for.
        self._connection: ClientConnection = await connect(
            where,
            origin=Origin(self.address),
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": self.cookie} if self.cookie else None,
            compression=None,
            max_size=LARGEST,
            max_queue=None,
            open_timeout=60,
            ping_interval=None,
            proxy=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def open(self) -> Run:
        """The first run of the page, as on a visit by link."""
        state = self._state()
        state.page_name = self.page
        return await self._run(state)

    async def set_component(self, key: str, name: str, value: Any) -> Run:
        """What a component's `setStateValue` does: its state, with that of every widget, and its fragment's run."""
        identity = self.components[key]
        self.widgets[identity] = WidgetState(id=identity, json_value=json.dumps({name: value}))
        return await self.rerun(self.fragments.get(identity, ""))

    async def set_slider(self, label: str, value: float) -> Run:
        """What a native slider does on release."""
        identity = self.components[label]
        self.widgets[identity].double_array_value.data[:] = [value]
        return await self.rerun(self.fragments.get(identity, ""))

    async def rerun(self, fragment: str = "") -> Run:
        state = self._state()
        state.page_script_hash = self.script
        state.fragment_id = fragment
        return await self._run(state)

    def _state(self) -> ClientState:
        state = ClientState(query_string=self.query)
        state.widget_states.CopyFrom(WidgetStates(widgets=self.widgets.values()))
        state.cached_message_hashes.extend(self.kept)
        info = state.context_info
        info.timezone, info.locale, info.color_scheme = "UTC", "en-US", "light"
        info.url = f"{self.address}/{self.page}"
        return state

    async def _run(self, state: ClientState) -> Run:
        run = Run()
        self.runs += 1
        begin = time.perf_counter()
        await self._connection.send(BackMsg(rerun_script=state).SerializeToString())
        while True:
            data = await self._connection.recv(decode=False)
            run.sent += len(data)
            run.messages += 1
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "ref_hash":
                _, message = self.kept.get(message.ref_hash, (0, None))
                if message is None:
                    raise ProtocolError("the server named a message that this client does not have")
                kind = message.WhichOneof("type")
            if message.metadata.cacheable:
                self.kept[message.hash] = (self.runs, message)
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._element(run, message.delta.new_element, message.delta.fragment_id)
            elif kind == "navigation":
                self.script = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind in ("page_not_found", "session_event"):
                run.failures.append(kind)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if message.script_finished not in DONE:
                    run.failures.append(ForwardMsg.ScriptFinishedStatus.Name(message.script_finished))
                break
        run.seconds = time.perf_counter() - begin
        self.kept = {key: one for key, one in self.kept.items() if one[0] > self.runs - AGE}
        return run

    def _element(self, run: Run, element: Element, fragment: str) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            run.failures.append(element.exception.message or "an exception without a message")
        elif kind == "bidi_component":
            part = element.bidi_component
            # The identity ends with the key that the page gave it.
            key = part.id.rsplit("-", 1)[-1]
            self.components[key], self.fragments[part.id] = part.id, fragment
            run.stage[key] = bytes(part.bytes)
        elif kind == "selectbox":
            box = element.selectbox
            chosen = box.raw_value if box.set_value else box.options[box.default]
            self._keep(WidgetState(id=box.id, string_value=chosen), fragment, box.set_value)
        elif kind == "multiselect":
            many = element.multiselect
            values = list(many.raw_values) if many.set_value else [many.options[index] for index in many.default]
            state = WidgetState(id=many.id)
            state.string_array_value.data.extend(values)
            self._keep(state, fragment, many.set_value)
        elif kind == "slider":
            bar = element.slider
            state = WidgetState(id=bar.id)
            state.double_array_value.data.extend(bar.value if bar.set_value else bar.default)
            self.components[bar.label] = bar.id
            self._keep(state, fragment, bar.set_value)
        elif kind == "plotly_chart":
            run.charts += 1
        elif kind == "alert" and element.alert.format in (Alert.ERROR, Alert.WARNING):
            run.failures.append(element.alert.body)

    def _keep(self, state: WidgetState, fragment: str, said: bool) -> None:
        if said or state.id not in self.widgets:
            self.widgets[state.id] = state
        self.fragments[state.id] = fragment
