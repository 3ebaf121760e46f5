"""Receives the hooks of sign-in servers."""

from dataclasses import dataclass

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock
from ringpass.errors import ApiError, NotFound, Unauthorized
from ringpass.http.router import CLIENT, Request, Response
from ringpass.observability import logger
from ringpass.sign_in.hooks import HOOKS
from ringpass.sign_in.hooks.hook import SUCCESS, Hook
from ringpass.sign_in.starter import SignInStarter

_SECRET = "sign_in"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True)
class HookReceiver:
    """Receives requests of sign-in servers to send a code.

    Attributes:
        secrets: The stack's secrets.
        starter: Starts the verifications.
        clock: Tells the time.
    """

    secrets: Secrets
    starter: SignInStarter
    clock: Clock

    def receive(self, server: str, request: Request) -> Response:
        """Send the code of a request over the workflow of the client that its secret belongs to.

        Raises:
            NotFound: There is no such server.
            Unauthorized: No secret of a client matches the request.
            ApiError: What ``Hook.refusal`` does not answer itself.
        """
        hook = HOOKS.get(server)
        if hook is None:
            raise NotFound("There is no such sign-in server.")
        request.bounded_body()
        client = self._authenticate(hook, request)
        try:
            verification = self.starter.send_code(server, client, *hook.read(request.body))
        except ApiError as error:
            response = hook.refusal(error)
            logger().info("refused", server=server, code=error.code, errors=error.errors)
            return response
        logger().info("code taken", server=server, verification=verification.id)
        return SUCCESS

    def _authenticate(self, hook: Hook, request: Request) -> str:
        now = self.clock()
        clients = self.secrets.owners(
            _SECRET, hook.server, lambda secret: hook.is_authentic(request, secret, now)
        )
        if len(clients) > 1 or not all(map(CLIENT.fullmatch, clients)):
            logger().error("hook's secret not usable", server=hook.server, clients=clients)
        elif clients:
            return clients[0]
        raise Unauthorized("No secret of this server matches the request.")
