"""VK ID: the code is redeemed together with the ``device_id`` that came with it
(https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-integration/api-description).
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.oauth2.quirks import Call, Quirks

MOST = 512


class VkId(Quirks):
    """Passes on what came back."""

    def __init__(self, call: Call) -> None:
        super().__init__(call)
        self._device = self._state = ""

    def arrived(self, params: Mapping[str, str]) -> None:
        """Keeps it until the code is redeemed."""
        self._device, self._state = params.get("device_id", "")[:MOST], params.get("state", "")[:MOST]

    def token_request(self, form: dict[str, str], headers: dict[str, str]) -> None:
        """With both."""
        form.update(device_id=self._device, state=self._state)


QUIRKS = VkId
