import pytest

from chassis.caches import BoundedCache


def a_cache(*, most_entries: int = 3, most_bytes: int = 100) -> BoundedCache[str, str]:
    return BoundedCache(most_entries=most_entries, most_bytes=most_bytes)


def keys_in(cache: BoundedCache[str, str], keys: str = "abcd") -> str:
    return "".join(key for key in keys if key in cache)


def test_the_least_recently_used_value_is_evicted_beyond_the_number() -> None:
    cache = a_cache(most_entries=2)
    cache.put("a", "1", 1)
    cache.put("b", "2", 1)
    assert cache["a"] == "1"

    cache.put("c", "3", 1)

    assert keys_in(cache) == "ac"


def test_the_least_recently_used_values_are_evicted_beyond_the_bytes() -> None:
    cache = a_cache(most_bytes=100)
    for key in "abc":
        cache.put(key, key, 30)

    cache.put("d", "d", 60)

    assert (keys_in(cache), cache.size_bytes) == ("cd", 90)


def test_a_value_that_is_put_again_counts_with_its_new_size_only() -> None:
    cache = a_cache()
    cache.put("a", "1", 60)
    cache.put("a", "2", 80)

    assert (cache["a"], len(cache), cache.size_bytes) == ("2", 1, 80)


def test_a_value_that_grows_displaces_others_and_not_itself() -> None:
    cache = a_cache()
    for key in "abc":
        cache.put(key, key, 30)

    cache.put("a", "A", 90)

    assert (keys_in(cache), cache["a"], cache.size_bytes) == ("a", "A", 90)


def test_a_value_larger_than_the_cache_is_not_stored_and_displaces_only_the_one_it_replaces() -> (
    None
):
    cache = a_cache()
    cache.put("a", "1", 10)
    cache.put("b", "2", 10)

    cache.put("a", "huge", 101)

    assert (keys_in(cache), cache.size_bytes) == ("b", 10)


def test_a_cache_without_entries_stores_nothing() -> None:
    cache = a_cache(most_entries=0)

    cache.put("a", "1", 1)

    assert (len(cache), cache.size_bytes) == (0, 0)


def test_values_can_be_discarded_and_the_cache_cleared() -> None:
    cache = a_cache()
    for key in "abc":
        cache.put(key, key, 10)

    cache.discard("a")
    cache.discard("unknown")
    assert (keys_in(cache), cache.size_bytes) == ("bc", 20)

    cache.clear()
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_an_unknown_key_raises_key_error_or_is_none() -> None:
    cache = a_cache()

    assert cache.get("a") is None
    with pytest.raises(KeyError):
        cache["a"]


def test_a_value_that_is_got_is_the_most_recently_used_one() -> None:
    cache = a_cache(most_entries=2)
    cache.put("a", "1", 1)
    cache.put("b", "2", 1)
    assert cache.get("a") == "1"

    cache.put("c", "3", 1)

    assert keys_in(cache) == "ac"
