"""An artifact of the local cloud's own S3, unpacked and built into a folder of the run."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mvm_tui.local.container.app import BuiltApp
from mvm_tui.local.container.building import ContainerBuild, Step
from mvm_tui.local.container.limits import Budget
from mvm_tui.local.container.unpack import unpack
from mvm_tui.local.processes import GuestSpec
from mvm_tui.local.supervisor import remove_folder

if TYPE_CHECKING:
    from mvm_tui.local.object_store import StoredObject
    from mvm_tui.local.state.cloud import Cloud

_STEPS = itertools.count(1)


class Installer:
    """Makes images' folders below the run's own. Each is there until `discard`, or the run's end."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    @property
    def _root(self) -> Path:
        return self._cloud.options.root

    async def install(self, artifact: StoredObject, log: list[str]) -> BuiltApp:
        """Build an artifact; the lines of its log are added to `log`, whatever comes of it.

        Raises:
            BuildError: the archive or its Dockerfile is at fault.
            OSError: this machine is.
        """
        folder = self._root / "images" / str(uuid.uuid4())
        try:
            context = folder / "context"
            await asyncio.to_thread(_unpack, artifact, context)
            run_step = self._run_step if self._cloud.options.run_steps else None
            build = ContainerBuild(context, folder / "stages", Budget(), run_step, log)
            app = await build.build()
            await asyncio.to_thread(_keep_only, app.root, folder)
        except BaseException:
            # A thread may still be writing into it; what it leaves goes with the run.
            await asyncio.shield(asyncio.to_thread(remove_folder, str(folder)))
            raise
        return app

    def discard(self, app: BuiltApp) -> None:
        """The version is gone: so is what its MicroVMs were copies of."""
        self._cloud.spawn(asyncio.to_thread(remove_folder, str(app.root.parent.parent)))

    async def _run_step(self, step: Step, tell: Callable[[str], None]) -> int:
        """Carry out a RUN under a supervisor, which ends all that it leaves running."""
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        scratch = self._root / "vms" / f"step-{next(_STEPS)}"
        spec = GuestSpec("build", step.argv, step.environment, None, scratch, start_in=step.folder)
        guest = await self._cloud.start_guest(spec, tell, ended.set_result)
        try:
            return await ended
        finally:
            await asyncio.shield(guest.terminate())


def _unpack(artifact: StoredObject, context: Path) -> None:
    context.mkdir(mode=0o700, parents=True)
    with artifact.open() as file:
        unpack(file, context, Budget())


def _keep_only(root: Path, folder: Path) -> None:
    """The context and all other stages have done their part."""
    with suppress(OSError):
        shutil.rmtree(folder / "context")
    for stage in root.parent.iterdir():
        if stage != root:
            remove_folder(str(stage))
