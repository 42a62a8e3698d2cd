from __future__ import annotations

import pytest

from services.ping.outcome import CannotBePinged, CannotPing, TookTooLong, result

pytestmark = pytest.mark.pure

HEAD = "PING example.org (192.0.2.1) 56(84) bytes of data.\n"
SUMMARY = (
    "\n--- example.org ping statistics ---\n4 packets transmitted, 0 received, 100% packet loss"
)


@pytest.mark.parametrize(
    "stdout",
    [
        HEAD + SUMMARY,
        "PING a (192.0.2.1): 56 data bytes\n4 packets transmitted, 4 packets received\n",
        HEAD + "From 192.0.2.9 icmp_seq=1 Destination Host Unreachable\n" + SUMMARY,
    ],
    ids=["iputils", "BSD", "unreachable"],
)
def test_whatever_was_sent_is_reported_in_pings_words(stdout: str) -> None:
    assert result(stdout, "") == stdout
    assert result(stdout, "ping: sendmsg: Operation not permitted\n") == stdout


def test_a_report_can_be_stored() -> None:
    assert result(f"a\0b {SUMMARY}", "") == f"ab {SUMMARY}"


@pytest.mark.parametrize(
    ("stderr", "kind", "words"),
    [
        (
            "ping: nosuch.invalid: Name or service not known\n",
            CannotBePinged,
            "nosuch.invalid: Name or service not known",
        ),
        (
            "/bin/ping: nosuch: No address associated with hostname\n",
            CannotBePinged,
            "nosuch: No address associated with hostname",
        ),
        ("ping: unknown host nosuch\n", CannotBePinged, "unknown host nosuch"),
        (
            "ping: cannot resolve nosuch: Unknown host\n",
            CannotBePinged,
            "cannot resolve nosuch: Unknown host",
        ),
        (
            "ping: connect: Network is unreachable\n",
            CannotBePinged,
            "connect: Network is unreachable",
        ),
        (
            "ping: Do you want to ping broadcast? Then -b.\n",
            CannotBePinged,
            "Do you want to ping broadcast? Then -b.",
        ),
        (
            "ping: socket: Operation not permitted\n",
            CannotPing,
            "ping is not permitted here: socket: Operation not permitted",
        ),
        (
            "ping: socktype: SOCK_RAW\nping: => missing cap_net_raw+p capability or setuid?\n",
            CannotPing,
            "ping is not permitted here: socktype: SOCK_RAW",
        ),
        (
            "ping: permission denied (are you root?)\n",
            CannotPing,
            "ping is not permitted here: permission denied (are you root?)",
        ),
        (
            "ping: Lacking privilege for icmp socket.\n",
            CannotPing,
            "ping is not permitted here: Lacking privilege for icmp socket.",
        ),
        (
            "ping: nosuch: Temporary failure in name resolution\n",
            CannotPing,
            "no name can be found out now: nosuch: Temporary failure in name resolution",
        ),
    ],
)
def test_who_can_change_it(stderr: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as error:
        result("", stderr)
    assert str(error.value) == words


def test_words_on_stdout_count_too_but_are_short() -> None:
    with pytest.raises(CannotBePinged) as error:
        result("\n\nno such thing " + "x" * 1000, "")
    assert str(error.value).startswith("no such thing xxx")
    assert len(str(error.value)) == 200


@pytest.mark.parametrize("stdout", ["", "\n \n"])
def test_no_word_is_no_answer_in_time(stdout: str) -> None:
    with pytest.raises(TookTooLong):
        result(stdout, "")


def test_a_head_without_statistics_is_no_report() -> None:
    with pytest.raises(CannotBePinged):
        result(HEAD, "")
