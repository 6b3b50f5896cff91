from setuptools import find_packages, setup

package = 'lander_rangefinder'

setup(
    name=package,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package]),
        ('share/' + package, ['package.xml']),
        ('share/' + package + '/config', ['config/rangefinder.yaml']),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},
    maintainer='Frigoris maintainers',
    maintainer_email='frigoris@example.org',
    description='Laser range finder: device protocols, health.',
    license='Apache-2.0',
    entry_points={'console_scripts': ['rangefinder = lander_rangefinder.rangefinder_node:main']},
)
