"""Which addresses may be called: none that leads into our own network, however it is written."""

import socket
from typing import Any

import pytest
from aiohttp import ClientConnectorError
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.addresses import AddressRefused, check_reachable, host_of, hosts_of, is_public
from sightglass_common.outward import open_outward

OURS = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:a9fe:a9fe::1",
    "2002:7f00:1::", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", OURS)
def test_an_address_of_ours_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"])
def test_an_address_of_everybodys_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_in_another_dress_is_the_same(ip: Any) -> None:
    number = int(ip)
    mapped = f"::ffff:{ip}"
    translated = f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}"
    assert is_public(mapped) <= is_public(str(ip))
    assert is_public(translated) <= is_public(str(ip))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com", "example.com", "", "https://", "https://user:word@example.com", "https://example.com?a=b",
        "https://example.com#a", "https://example.com:8443", "http://example.com", "https://example.com:99999",
        "https://example.com\\@127.0.0.1", "file:///etc/passwd", "https://[::1", "gopher://example.com:443",
    ],
)  # fmt: skip
def test_what_is_no_plain_public_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        host_of(url, ())


@pytest.mark.parametrize("host", ["exa mple.com", "exam\nple.com", "exam\u200bple.com", "a\tb.com", ""])
def test_a_host_has_no_sign_that_is_not_seen(host: str) -> None:
    with pytest.raises(AddressRefused):
        host_of(f"https://{host}", ())


def test_a_host_that_is_named_need_be_neither_public_nor_asked_by_tls() -> None:
    allowed = hosts_of(" Models.example.com:11434, 127.0.0.1:80 ,")
    assert host_of(f"http://{'MODELS.example.com'}:11434/v1", allowed) == "models.example.com:11434"
    assert host_of("http://127.0.0.1", allowed) == "127.0.0.1:80"
    with pytest.raises(AddressRefused):
        host_of("http://127.0.0.1:81", allowed)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::1]", "localhost", "[fd00::1]"])
async def test_a_host_is_refused_by_what_its_name_leads_to(host: str) -> None:
    with pytest.raises(AddressRefused):
        await check_reachable(f"https://{host}/v1", ())


async def test_one_private_address_among_several_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, [["8.8.8.8", "10.0.0.1"], ["8.8.8.8"]])
    with pytest.raises(AddressRefused):
        await check_reachable("https://example.com", ())
    await check_reachable("https://example.com", ())


async def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    answers(monkeypatch, [["8.8.8.8"], ["127.0.0.1"]])
    await check_reachable("https://example.com", ())
    async with open_outward() as opened:
        with pytest.raises(ClientConnectorError):
            await opened.session("https://example.com").get("https://example.com")
    listening.setblocking(False)
    with pytest.raises(BlockingIOError):
        listening.accept()
    listening.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "0x7f.1", "[::ffff:127.0.0.1]"])
async def test_no_socket_is_made_for_an_address_that_is_written_down(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    def note(*given: object) -> None:
        made.append(given)

    monkeypatch.setattr("sightglass_common.outward.socket.socket", note)
    async with open_outward() as opened:
        with pytest.raises(ClientConnectorError):
            await opened.session(f"https://{host}").get(f"https://{host}")
    assert made == []


def answers(monkeypatch: pytest.MonkeyPatch, found: list[list[str]]) -> None:
    """What names lead to, one call after the other."""

    def look_up(_host: str, port: int, *_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
